package io.shoal.bench.control;

import io.shoal.contracts.topics.Topic;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How many records were ever written to topics. */
final class EndOffsets implements AutoCloseable {
    private final Admin admin;
    private final Map<TopicPartition, OffsetSpec> latest = new HashMap<>();

    EndOffsets(String brokers, List<Topic> topics) {
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) brokers));
        for (Topic topic : topics) {
            for (int partition = 0; partition < Stage.PARTITIONS; partition++) {
                latest.put(new TopicPartition(topic.topicName(), partition), OffsetSpec.latest());
            }
        }
    }

    long sum() throws IOException, InterruptedException {
        try {
            return admin.listOffsets(latest).all().get().values().stream()
                    .mapToLong(end -> end.offset())
                    .sum();
        } catch (ExecutionException e) {
            throw new IOException("Kafka does not tell how many records there are", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
