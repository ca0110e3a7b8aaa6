package io.shoal.swarm.ownership;

import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the last minutes of {@code progress} of partitions that this worker gains, to the ends seen when it gains them. A consumer
 * exists only while there is something to read.
 *
 * <p>What is missing there is no error: it costs minutes of traffic in the totals, and no slice waits for it. Used by the ownership
 * thread only.
 */
final class ProgressHistory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressHistory.class);

    /** Every owner's status has all that is older. */
    private static final Duration PAST = StatusSchedule.TOTALS.multipliedBy(2);

    /** How long {@link #read} takes at most while there is more to read. */
    private static final Duration TURN = Duration.ofMillis(500);

    private static final Duration POLL = Duration.ofMillis(50);

    /** Records of up to half a MiB each that one poll returns. */
    private static final int RECORDS = 50;

    private static final int FETCH_BYTES = 8 << 20;

    private static final String UNREADABLE = "what predecessors have counted lately cannot be read";

    private final Supplier<Consumer<String, byte[]>> consumers;
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private @Nullable Consumer<String, byte[]> open;

    ProgressHistory(OwnershipConfig config) {
        this(() -> consumer(config));
    }

    ProgressHistory(Supplier<Consumer<String, byte[]>> consumers) {
        this.consumers = consumers;
    }

    /** These partitions are gained. */
    void add(Collection<Integer> partitions) {
        long from = System.currentTimeMillis() - PAST.toMillis();
        Map<TopicPartition, Long> times = partitions.stream()
                .collect(Collectors.toMap(number -> new TopicPartition(Topic.PROGRESS_NAME, number), number -> from));
        try {
            Consumer<String, byte[]> consumer = consumer();
            Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
            Map<TopicPartition, Long> seen = consumer.endOffsets(times.keySet());
            starts.forEach((partition, start) -> {
                if (start != null && start.offset() < seen.getOrDefault(partition, 0L)) {
                    ends.put(partition, seen.getOrDefault(partition, 0L));
                }
            });
            assign();
            starts.forEach((partition, start) -> {
                if (ends.containsKey(partition)) {
                    consumer.seek(partition, start.offset());
                }
            });
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn(UNREADABLE, e);
            times.keySet().forEach(ends::remove);
        }
        assign();
    }

    /** These partitions go to another worker. */
    void remove(Collection<Integer> partitions) {
        ends.keySet().removeIf(partition -> partitions.contains(partition.partition()));
        assign();
    }

    /** Reads on for a while. */
    void read(java.util.function.Consumer<ConsumerRecord<String, byte[]>> reader) {
        long start = System.nanoTime();
        while (open != null && System.nanoTime() - start < TURN.toNanos()) {
            Consumer<String, byte[]> consumer = open;
            try {
                consumer.poll(POLL).forEach(reader);
                if (ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue())) {
                    assign();
                }
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                LOG.warn(UNREADABLE, e);
                ends.clear();
                assign();
            }
        }
    }

    /** Whether nothing is left to read of {@code partition}. */
    boolean isRead(int partition) {
        return !ends.containsKey(new TopicPartition(Topic.PROGRESS_NAME, partition));
    }

    private void assign() {
        if (ends.isEmpty()) {
            close();
        } else {
            consumer().assign(ends.keySet());
        }
    }

    private Consumer<String, byte[]> consumer() {
        Consumer<String, byte[]> known = open;
        if (known == null) {
            known = consumers.get();
            open = known;
        }
        return known;
    }

    private static Consumer<String, byte[]> consumer(OwnershipConfig config) {
        Map<String, Object> settings = config.kafka().consumer(config.worker() + "-progress");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
