package io.shoal.bench.control;

import io.shoal.contracts.topics.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Follows the topics of torrents and slices from their ends, and notes when the records of the keys that it watches arrive. */
final class PublishWatch implements AutoCloseable {
    private static final List<Topic> TOPICS = List.of(Topic.TORRENTS, Topic.SLICES);
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaConsumer<String, byte[]> consumer;

    /** When the first record of a key came, in nanoseconds; 0: not yet. */
    private final Map<String, Long> arrived = new ConcurrentHashMap<>();

    private final Background reading;

    private PublishWatch(KafkaConsumer<String, byte[]> consumer) {
        this.consumer = consumer;
        this.reading = Background.start("reading published records", this::read);
    }

    /** Starts one; it sees what is published from now on. */
    static PublishWatch start(String brokers) {
        KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (Topic topic : TOPICS) {
            for (int partition = 0; partition < Stage.PARTITIONS; partition++) {
                partitions.add(new TopicPartition(topic.topicName(), partition));
            }
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // the ends are asked for now
        return new PublishWatch(consumer);
    }

    /** Watches for a record of {@code key}. */
    void expect(String key) {
        arrived.put(key, 0L);
    }

    /** When the record of {@code key} came; 0 if it has not. */
    long arrival(String key) {
        return arrived.getOrDefault(key, 0L);
    }

    private void read(BooleanSupplier ending) {
        try (consumer) {
            while (!ending.getAsBoolean()) {
                consumer.poll(POLL)
                        .forEach(record ->
                                arrived.computeIfPresent(record.key(), (key, at) -> at == 0 ? System.nanoTime() : at));
            }
        }
    }

    /** Throws if it could not read. */
    void check() throws IOException {
        reading.check();
    }

    @Override
    public void close() {
        reading.close();
    }
}
