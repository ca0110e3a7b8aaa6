package io.shoal.storage.records;

import io.shoal.contracts.topics.Topic;
import io.shoal.contracts.topics.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Opens clients to Kafka. */
@ApplicationScoped
class KafkaClients {
    /** How long a caller waits for a record to be safe: links wait with it. */
    private static final int DELIVERY_MS = 10_000;

    private final String servers;
    private final int partitions;
    private final short replication;

    KafkaClients(
            @ConfigProperty(name = "kafka.bootstrap.servers") String servers,
            @ConfigProperty(name = "shoal.partitions") int partitions,
            @ConfigProperty(name = "shoal.replication") short replication) {
        this.servers = servers;
        this.partitions = partitions;
        this.replication = replication;
    }

    /** All topics exist as they should when this returns. */
    void ensureTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Topics.connect(common())) {
            new Topics(admin, partitions, replication).ensure();
        }
    }

    /** A reader of whole topics, in no group: nothing is handed to another and nothing committed. */
    Consumer<String, byte[]> consumer() {
        Map<String, Object> config = common();
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 * Topic.RECORD_BYTES);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * Topic.RECORD_BYTES);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** A sender whose records are safe, and in order, once they are acknowledged. */
    Producer<String, byte[]> producer() {
        Map<String, Object> config = common();
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_MS);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_MS / 2);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * Topic.RECORD_BYTES);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> common() {
        Map<String, Object> config = new HashMap<>();
        config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "storage");
        return config;
    }
}
