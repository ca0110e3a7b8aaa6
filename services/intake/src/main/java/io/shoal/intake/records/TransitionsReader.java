package io.shoal.intake.records;

import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.progress.OwnedStatuses;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code shoal.status} as a member of the group {@code intake-transitions}, on a thread of its own: each partition is read, and
 * acted upon, by one replica. The offset of a status is committed when it was acted upon, so a replica that takes over a partition
 * begins with what the one before had not done; the first one begins at the beginning. A status may be acted upon twice, which does no
 * harm. While too many wait to be acted upon, no more are read.
 *
 * <p>The group uses the classic protocol, like the other groups of this service: there each member sets how soon it is missed, and a
 * client whose brokers are away takes no processor time.
 */
@ApplicationScoped
class TransitionsReader {
    static final String GROUP = "intake-transitions";

    private static final Logger LOG = LoggerFactory.getLogger(TransitionsReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration COMMIT_EVERY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** What was begun is ended first. */
    private static final Duration LEAVING = Duration.ofSeconds(10);

    /** A replica that was killed is missed after this time. */
    private static final int SESSION_MS = 10_000;

    private final OwnedStatuses statuses;
    private final DeadLetters deadLetters;
    private final String group;
    private final ConsumerLoop loop;

    @Inject
    TransitionsReader(KafkaSettings settings, OwnedStatuses statuses, DeadLetters deadLetters, Loops loops) {
        this(settings, statuses, deadLetters, loops, GROUP);
    }

    TransitionsReader(
            KafkaSettings settings, OwnedStatuses statuses, DeadLetters deadLetters, Loops loops, String group) {
        this.statuses = statuses;
        this.deadLetters = deadLetters;
        this.group = group;
        this.loop = new ConsumerLoop(
                "transitions-reader", settings, loops.transitionsReader(), LOG, "the group of transitions");
    }

    /** Begins to read. The topic must exist. */
    void start() {
        loop.start(
                GROUP,
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                        SESSION_MS,
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                        List.of(CooperativeStickyAssignor.class.getName())),
                consumer -> new Membership(consumer).follow());
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        end();
    }

    /** Leaves the group, so that other replicas take over at once. */
    void end() throws InterruptedException {
        loop.end(LEAVING);
    }

    /** One membership, until it ends with an exception. */
    private final class Membership implements ConsumerRebalanceListener {
        private final Consumer<String, byte[]> consumer;
        private final Map<TopicPartition, Long> committed = new HashMap<>();

        Membership(Consumer<String, byte[]> consumer) {
            this.consumer = consumer;
        }

        void follow() {
            consumer.subscribe(List.of(Topic.STATUS_NAME), this);
            long commitAt = System.nanoTime() + COMMIT_EVERY.toNanos();
            while (loop.isRunning()) {
                consumer.poll(POLL).forEach(this::read);
                loop.turned();
                if (statuses.isFull()) {
                    consumer.pause(consumer.assignment());
                } else {
                    consumer.resume(consumer.paused());
                }
                if (System.nanoTime() - commitAt >= 0) {
                    commitAt = System.nanoTime() + COMMIT_EVERY.toNanos();
                    Map<TopicPartition, OffsetAndMetadata> done = done(consumer.assignment());
                    if (!done.isEmpty()) {
                        consumer.commitAsync(done, this::committed);
                    }
                }
            }
        }

        private void committed(Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception failure) {
            if (failure == null) {
                loop.succeeded();
            } else {
                loop.failed(failure);
                committed.keySet().removeAll(offsets.keySet()); // committed again
            }
        }

        /** Returns the offsets up to which all is done, of those partitions where that has changed. */
        private Map<TopicPartition, OffsetAndMetadata> done(Collection<TopicPartition> partitions) {
            Map<Integer, Long> pending = statuses.pending();
            Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
            for (TopicPartition partition : partitions) {
                OptionalLong position = position(partition);
                if (position.isPresent()) {
                    long offset =
                            Math.min(position.getAsLong(), pending.getOrDefault(partition.partition(), Long.MAX_VALUE));
                    Long before = committed.put(partition, offset);
                    if (before == null || before != offset) {
                        done.put(partition, new OffsetAndMetadata(offset));
                    }
                }
            }
            return done;
        }

        /** Returns up to where a partition has been read; empty while nothing of it has. */
        private OptionalLong position(TopicPartition partition) {
            try {
                return OptionalLong.of(consumer.position(partition, Duration.ZERO));
            } catch (TimeoutException e) {
                return OptionalLong.empty();
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) {
                LOG.info("{} partitions are assigned", partitions.size());
                statuses.assigned(numbers(partitions));
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (partitions.isEmpty()) {
                return;
            }
            LOG.info("{} partitions are revoked", partitions.size());
            Map<TopicPartition, OffsetAndMetadata> done = done(partitions);
            give(partitions);
            try {
                consumer.commitSync(done, PATIENCE);
            } catch (WakeupException | InterruptException e) {
                throw e;
            } catch (KafkaException e) { // the next owner does again what was done
                LOG.warn("the offsets of revoked partitions are not committed: {}", e.toString());
            }
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            LOG.warn("{} partitions are lost", partitions.size());
            give(partitions);
        }

        private void give(Collection<TopicPartition> partitions) {
            try {
                statuses.revoked(numbers(partitions));
                committed.keySet().removeAll(partitions);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }

        private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
            return partitions.stream().map(TopicPartition::partition).collect(Collectors.toSet());
        }

        private void read(ConsumerRecord<String, byte[]> record) {
            try {
                SliceKey key = SliceKey.parse(record.key() == null ? "" : record.key());
                if (record.value() == null) {
                    statuses.ended(key);
                } else {
                    StatusRecord status = Json.read(record.value(), StatusRecord.class);
                    statuses.offer(record.partition(), record.offset(), key, status, record.value().length);
                }
            } catch (BadRecordException | IllegalArgumentException e) {
                deadLetters.deadLetter(record, String.valueOf(e.getMessage()), loop::turned);
            }
        }
    }
}
