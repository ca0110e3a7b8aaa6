package io.shoal.swarm.ownership;

import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A partition that this worker owns. First its past is read, of {@code slices} and of {@code status}, up to the ends
 * seen when it was assigned, and the last minutes of {@code progress}. Only then are slices started, so that none is
 * started twice or without knowing what a predecessor stored and counted.
 */
final class OwnedPartition {
    private final int number;
    private final long slicesEnd;
    private final long statusEnd;
    private long slicesAt;
    private long statusAt;
    private boolean progressRead;
    private boolean caughtUp;

    /** When the next record of {@code progress} is due. */
    final ProgressPublisher.Cadence progressCadence = new ProgressPublisher.Cadence();

    /** What is left of slices that have ended. */
    final UnwantedStatuses unwanted = new UnwantedStatuses();

    private final Map<SliceKey, SliceRecord> wanted = new LinkedHashMap<>();

    /** The keys whose newest record could not be parsed: they are wanted, but it is not known how. */
    private final Set<SliceKey> unreadable = new HashSet<>();

    private final Map<SliceKey, StatusRecord> last = new HashMap<>();
    private final PastTotals pastTotals = new PastTotals();
    private final Map<SliceKey, OwnedSlice> owned = new LinkedHashMap<>();

    OwnedPartition(int number, long slicesEnd, long statusEnd) {
        this.number = number;
        this.slicesEnd = slicesEnd;
        this.statusEnd = statusEnd;
    }

    int number() {
        return number;
    }

    /** The slices that run, or wait to be started. */
    Map<SliceKey, OwnedSlice> owned() {
        return owned;
    }

    /** The wanted record of each key, as read so far. */
    Map<SliceKey, SliceRecord> wanted() {
        return wanted;
    }

    /**
     * Returns the last status of a slice. Until {@link #forgetProgress}, its totals are those that its owner published last,
     * wherever that was.
     */
    @Nullable
    StatusRecord last(SliceKey key) {
        StatusRecord status = last.get(key);
        return status == null ? null : pastTotals.addedTo(key.toString(), status);
    }

    void slicesReadTo(long position) {
        slicesAt = position;
    }

    void statusReadTo(long position) {
        statusAt = position;
    }

    /** The past of {@code progress} has been read, or cannot be. */
    void progressReadComplete() {
        progressRead = true;
    }

    /** A record of the past of {@code progress} was read. */
    void progressRead(ProgressRecord record) {
        record.slices().forEach(pastTotals::add);
    }

    /** All slices of the past are known: what they count from now on is in this worker. */
    void forgetProgress() {
        pastTotals.clear();
    }

    /** Whether the past has been read since the last call. */
    boolean hasJustCaughtUp() {
        if (caughtUp || slicesAt < slicesEnd || statusAt < statusEnd || !progressRead) {
            return false;
        }
        caughtUp = true;
        return true;
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** @return whether the record is new: one with a lower revision is not */
    boolean want(SliceKey key, SliceRecord record) {
        unreadable.remove(key);
        SliceRecord before = wanted.get(key);
        if (before != null && record.rev() <= before.rev()) {
            return false;
        }
        wanted.put(key, record);
        unwanted.remove(key);
        return true;
    }

    /** The newest record of what is wanted cannot be parsed. */
    void wantUnreadable(SliceKey key) {
        unreadable.add(key);
        unwanted.remove(key);
    }

    void removeWanted(SliceKey key) {
        unreadable.remove(key);
        wanted.remove(key);
        if (last.containsKey(key)) {
            unwanted.add(key);
        }
    }

    /** A status was read, this worker's or another's; one of a lower epoch is ignored. */
    void statusRead(SliceKey key, StatusRecord record) {
        StatusRecord before = last.get(key);
        if (before == null || record.epoch() >= before.epoch()) {
            last.put(key, record);
        }
        if (!wanted.containsKey(key) && !unreadable.contains(key)) {
            unwanted.add(key);
        }
    }

    void statusRemoved(SliceKey key) {
        last.remove(key);
        unwanted.remove(key);
    }
}
