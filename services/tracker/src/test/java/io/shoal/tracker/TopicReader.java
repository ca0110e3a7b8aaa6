package io.shoal.tracker;

import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its beginning. */
final class TopicReader {
    private TopicReader() {}

    /** Whether enough was read. */
    interface Condition {
        boolean isMet(List<ConsumerRecord<byte[], byte[]>> found) throws BadRecordException;
    }

    /** What is on {@code topic}, once it is {@code enough}. */
    static List<ConsumerRecord<byte[], byte[]>> read(String kafka, Topic topic, Condition enough) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", kafka),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
                return enough.isMet(found);
            });
        }
        return found;
    }
}
