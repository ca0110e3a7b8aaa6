package io.shoal.tracker.replication;

import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.records.DeadRecords;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code shoal.announces} from a peer's lifetime ago: what was told before is of peers that are gone or were told again.
 * No offset is committed; where it was it knows itself, so that a new consumer goes on there. One thread.
 */
final class AnnouncesReader {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Inbox inbox;
    private final long reachMillis;
    private final LongSupplier wallClock;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private @Nullable Map<TopicPartition, Long> ends;
    private boolean caughtUp;

    /**
     * @param reachMillis how far back it begins
     * @param wallClock milliseconds since 1970, as Kafka's records have them
     */
    AnnouncesReader(Inbox inbox, int partitions, long reachMillis, LongSupplier wallClock) {
        this.inbox = inbox;
        this.reachMillis = reachMillis;
        this.wallClock = wallClock;
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(Topic.ANNOUNCES_NAME, partition))
                .toList();
    }

    /**
     * Reads until the thread is interrupted.
     *
     * @param onCaughtUp is run once, when all that was there when it first looked has been taken in
     * @param turn is run before each poll
     * @throws org.apache.kafka.common.KafkaException if Kafka cannot be reached: try again with a new consumer
     * @throws org.apache.kafka.common.errors.WakeupException when the consumer is woken up
     */
    void run(Consumer<byte[], byte[]> consumer, DeadRecords dead, Runnable onCaughtUp, Runnable turn) {
        consumer.assign(partitions);
        if (ends == null) {
            begin(consumer);
        }
        next.forEach(consumer::seek);
        while (true) {
            turn.run();
            if (!caughtUp && isCaughtUp(consumer)) {
                caughtUp = true;
                onCaughtUp.run();
            }
            for (ConsumerRecord<byte[], byte[]> read : consumer.poll(POLL)) {
                try {
                    inbox.take(read.partition(), read.value());
                } catch (BadFrameException e) {
                    dead.bury(read, String.valueOf(e.getMessage()));
                }
                next.put(new TopicPartition(read.topic(), read.partition()), read.offset() + 1);
            }
        }
    }

    private void begin(Consumer<byte[], byte[]> consumer) {
        long from = wallClock.getAsLong() - reachMillis;
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, from));
        Map<TopicPartition, @Nullable OffsetAndTimestamp> begins = consumer.offsetsForTimes(times);
        Map<TopicPartition, Long> seen = consumer.endOffsets(partitions);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp begin = begins.get(partition);
            next.put(partition, begin == null ? seen.getOrDefault(partition, 0L) : begin.offset());
        }
        ends = seen;
    }

    private boolean isCaughtUp(Consumer<byte[], byte[]> consumer) {
        return ends != null
                && ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }
}
