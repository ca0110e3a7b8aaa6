package io.shoal.bench.control;

import io.shoal.contracts.topics.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Follows the topics of torrents and slices from their ends, and notes when the records of the keys that it watches arrive. */
final class PublishWatch implements AutoCloseable {
    private static final List<Topic> TOPICS = List.of(Topic.TORRENTS, Topic.SLICES);
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaConsumer<String, byte[]> consumer;

    /** When the first record of a key came, in nanoseconds; 0: not yet. */
    private final Map<String, Long> arrived = new ConcurrentHashMap<>();

    private final Thread thread = Thread.ofPlatform().name("publish watch").unstarted(this::run);
    private volatile boolean ending;
    private volatile @Nullable Exception failure;

    private PublishWatch(String brokers) {
        consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Starts one; it sees what is published from now on. */
    static PublishWatch start(String brokers) {
        PublishWatch watch = new PublishWatch(brokers);
        List<TopicPartition> partitions = new ArrayList<>();
        for (Topic topic : TOPICS) {
            for (int partition = 0; partition < Stage.PARTITIONS; partition++) {
                partitions.add(new TopicPartition(topic.topicName(), partition));
            }
        }
        watch.consumer.assign(partitions);
        watch.consumer.seekToEnd(partitions);
        partitions.forEach(watch.consumer::position); // the ends are asked for now
        watch.thread.start();
        return watch;
    }

    /** Watches for a record of {@code key}. */
    void expect(String key) {
        arrived.put(key, 0L);
    }

    /** When the record of {@code key} came; 0 if it has not. */
    long arrival(String key) {
        return arrived.getOrDefault(key, 0L);
    }

    private void run() {
        try (consumer) {
            while (!ending) {
                consumer.poll(POLL)
                        .forEach(record ->
                                arrived.computeIfPresent(record.key(), (key, at) -> at == 0 ? System.nanoTime() : at));
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** Throws if it could not read. */
    void check() throws IOException {
        Exception problem = failure;
        if (problem != null) {
            throw new IOException("published records cannot be read", problem);
        }
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
