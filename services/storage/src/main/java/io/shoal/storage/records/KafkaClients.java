package io.shoal.storage.records;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topic;
import io.shoal.contracts.topics.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Opens clients to Kafka. No producer sends before the topics exist as they should: a broker that creates topics by itself would
 * create wrong ones.
 */
@ApplicationScoped
class KafkaClients {
    /** The replicas that share the partitions of the catalog's topics. */
    private static final String GROUP = "storage";

    /** Records that are taken in at one time. */
    static final int BATCH = 4_000;

    private static final Duration SESSION = Duration.ofSeconds(10);

    /** How long a caller waits for a record to be safe: links wait with it. */
    private static final int DELIVERY_MS = 10_000;

    private final KafkaClientConfig kafka;
    private final int partitions;
    private final short replication;
    private volatile boolean topicsEnsured;

    KafkaClients(
            Config config,
            @ConfigProperty(name = "shoal.partitions") int partitions,
            @ConfigProperty(name = "shoal.replication") short replication) {
        this.kafka =
                KafkaClientConfig.of(config.getPropertyNames(), name -> config.getOptionalValue(name, String.class));
        this.partitions = partitions;
        this.replication = replication;
    }

    /** All topics exist as they should when this returns. */
    void ensureTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Topics.connect(kafka, "storage-admin")) {
            new Topics(admin, partitions, replication).ensure();
            topicsEnsured = true;
        }
    }

    /** Whether {@link #ensureTopics} has succeeded once. */
    boolean areTopicsEnsured() {
        return topicsEnsured;
    }

    /** Returns the ids that the brokers gave these topics when they were created. */
    Map<String, String> topicIds(Set<String> topics) throws ExecutionException, InterruptedException {
        try (Admin admin = Topics.connect(kafka, "storage-admin")) {
            return admin.describeTopics(topics).allTopicNames().get().values().stream()
                    .collect(Collectors.toMap(
                            TopicDescription::name, topic -> topic.topicId().toString()));
        }
    }

    /** Returns a reader of whole topics, in no group. */
    Consumer<String, byte[]> consumer() {
        return consumer(kafka.consumer("storage"));
    }

    /**
     * Returns a member of the group whose members share the partitions of the topics that it subscribes to. It commits nothing, and
     * keeps what it has when others come and go. A process that ends without leaving is replaced after the session, and one that
     * cannot take its records in is after the longest time between two polls.
     */
    Consumer<String, byte[]> member() {
        Map<String, Object> config = kafka.consumer("storage");
        config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Math.toIntExact(SESSION.toMillis()));
        config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.toIntExact(SESSION.toMillis() / 5));
        config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Math.toIntExact(LoopWatch.SILENCE.toMillis()));
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        return consumer(config);
    }

    /** Returns how many partitions each topic has. */
    int partitions() {
        return partitions;
    }

    private static Consumer<String, byte[]> consumer(Map<String, Object> config) {
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 * Topic.RECORD_BYTES);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * Topic.RECORD_BYTES);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** A sender whose records are safe, and in order, once they are acknowledged. */
    Producer<String, byte[]> producer() {
        Map<String, Object> config = kafka.producer("storage");
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_MS);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_MS / 2);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * Topic.RECORD_BYTES);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }
}
