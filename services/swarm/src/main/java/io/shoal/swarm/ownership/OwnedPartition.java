package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A partition that this worker owns. First its past is read, of {@code slices} and of {@code status}, up to the ends
 * seen when it was assigned. Only then are slices started, so that none is started twice or without knowing what a
 * predecessor stored.
 */
final class OwnedPartition {
    private final int number;
    private final long slicesEnd;
    private final long statusEnd;
    private long slicesAt;
    private long statusAt;
    private boolean caughtUp;

    private final Map<SliceKey, SliceRecord> wanted = new LinkedHashMap<>();
    private final Map<SliceKey, StatusRecord> last = new HashMap<>();
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

    @Nullable
    StatusRecord last(SliceKey key) {
        return last.get(key);
    }

    void slicesReadTo(long position) {
        slicesAt = position;
    }

    void statusReadTo(long position) {
        statusAt = position;
    }

    /** Whether the past has been read since the last call. */
    boolean hasJustCaughtUp() {
        if (caughtUp || slicesAt < slicesEnd || statusAt < statusEnd) {
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
        SliceRecord before = wanted.get(key);
        if (before != null && record.rev() <= before.rev()) {
            return false;
        }
        wanted.put(key, record);
        return true;
    }

    void removeWanted(SliceKey key) {
        wanted.remove(key);
    }

    /** A status was read, this worker's or another's; one of a lower epoch is ignored. */
    void statusRead(SliceKey key, StatusRecord record) {
        StatusRecord before = last.get(key);
        if (before == null || record.epoch() >= before.epoch()) {
            last.put(key, record);
        }
    }

    void statusRemoved(SliceKey key) {
        last.remove(key);
    }
}
