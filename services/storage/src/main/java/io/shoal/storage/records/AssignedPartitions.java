package io.shoal.storage.records;

import io.shoal.storage.catalog.ConsumerOffsets;
import io.shoal.storage.catalog.LastChanges;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that the group has assigned to this process, and how far each is read and taken in. An assigned partition is paused
 * until {@link #seek} has found its offset in the database, because the database may be away when the group assigns it. Used by the
 * reader's thread only.
 */
final class AssignedPartitions implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedPartitions.class);

    /** Asks the broker for the ids of topics. */
    interface TopicIds {
        /** Returns the id of each of {@code topics}. */
        Map<String, String> of(Set<String> topics) throws ExecutionException, InterruptedException;
    }

    /** A partition that is read. */
    static final class Owned {
        private final TopicPartition partition;
        private final ConsumerOffsets.Partition id;
        private final LastChanges lastChanges = new LastChanges();
        private final long end;
        private long saved;
        private long read;

        private Owned(TopicPartition partition, ConsumerOffsets.Partition id, long begin, long end) {
            this.partition = partition;
            this.id = id;
            this.saved = begin;
            this.read = begin;
            this.end = end;
        }

        /** Returns what the last records of its keys were. */
        LastChanges lastChanges() {
            return lastChanges;
        }

        /** Returns an advance that moves nothing, but fails if another process has moved the partition. */
        ConsumerOffsets.Advance unmoved() {
            return new ConsumerOffsets.Advance(id, saved, saved);
        }
    }

    private final Consumer<?, ?> consumer;
    private final ConsumerOffsets offsets;
    private final TopicIds topicIds;
    private final Map<TopicPartition, Owned> owned = new HashMap<>();
    private final Set<TopicPartition> waiting = new HashSet<>();
    private boolean assigned;

    AssignedPartitions(Consumer<?, ?> consumer, ConsumerOffsets offsets, TopicIds topicIds) {
        this.consumer = consumer;
        this.offsets = offsets;
        this.topicIds = topicIds;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> fresh) {
        consumer.pause(fresh);
        waiting.addAll(fresh);
        assigned = true;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> gone) {
        owned.keySet().removeAll(gone);
        waiting.removeAll(gone);
        LOG.info("{} partitions are revoked, {} are left", gone.size(), owned.size() + waiting.size());
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> gone) {
        onPartitionsRevoked(gone);
    }

    /** Returns whether partitions wait for {@link #seek}. */
    boolean isSeekDue() {
        return !waiting.isEmpty();
    }

    /** Continues the partitions that wait from the offsets in the database. */
    void seek() throws ExecutionException, InterruptedException {
        Set<TopicPartition> fresh = Set.copyOf(waiting);
        Map<String, String> topics =
                topicIds.of(fresh.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
        Map<TopicPartition, ConsumerOffsets.Partition> ids = new HashMap<>();
        for (TopicPartition each : fresh) {
            String topicId = Objects.requireNonNull(topics.get(each.topic()));
            ids.put(each, new ConsumerOffsets.Partition(each.topic(), topicId, each.partition()));
        }
        Map<ConsumerOffsets.Partition, Long> saved = offsets.load(ids.values());
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(fresh);
        Map<TopicPartition, Long> ends = consumer.endOffsets(fresh);
        Map<TopicPartition, Owned> found = new HashMap<>();
        List<ConsumerOffsets.Advance> corrections = new ArrayList<>();
        ids.forEach((partition, id) -> {
            long offset = saved.getOrDefault(id, 0L);
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, 0L);
            if (begin <= offset && offset <= end) {
                found.put(partition, new Owned(partition, id, offset, end));
                return;
            }
            if (offset > 0) {
                LOG.warn("{}: offset {} does not exist any more, so it is read from the beginning", partition, offset);
            }
            corrections.add(new ConsumerOffsets.Advance(id, offset, begin));
            found.put(partition, new Owned(partition, id, begin, end));
        });
        offsets.advance(corrections);
        found.forEach((partition, each) -> consumer.seek(partition, each.read));
        consumer.resume(fresh);
        owned.putAll(found);
        waiting.removeAll(fresh);
        LOG.info("{} partitions are assigned, {} in all", fresh.size(), owned.size());
    }

    /** Reads all partitions from the offsets in the database again, with nothing remembered. */
    void reset() {
        consumer.pause(owned.keySet());
        waiting.addAll(owned.keySet());
        owned.clear();
    }

    /** Returns the state of {@code partition}; null if it is not read, or not any more. */
    @Nullable
    Owned get(TopicPartition partition) {
        return owned.get(partition);
    }

    /** Returns how many partitions are read. */
    int size() {
        return owned.size();
    }

    /** Marks what the last poll has returned of {@code each} as read. */
    void read(Owned each) {
        each.read = consumer.position(each.partition);
    }

    /** Returns the advances of all partitions of which something was read that is not saved. */
    List<ConsumerOffsets.Advance> unsaved() {
        return owned.values().stream()
                .filter(each -> each.read != each.saved)
                .map(each -> new ConsumerOffsets.Advance(each.id, each.saved, each.read))
                .toList();
    }

    /** Marks all that was read as saved. */
    void saved() {
        owned.values().forEach(each -> each.saved = each.read);
    }

    /** Returns whether the group has answered, and all that was in the assigned partitions then is taken in. */
    boolean areCaughtUp() {
        return assigned && waiting.isEmpty() && owned.values().stream().allMatch(each -> each.read >= each.end);
    }
}
