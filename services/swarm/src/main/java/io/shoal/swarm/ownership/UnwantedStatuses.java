package io.shoal.swarm.ownership;

import io.shoal.contracts.topics.SliceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of a partition that have a status although their slice is not wanted: its end was not published, because Kafka was away or no
 * worker owned the partition. Their statuses are removed after a while only, because what is wanted is read from another topic, which
 * may be read later.
 */
final class UnwantedStatuses {
    static final Duration DELAY = Duration.ofSeconds(10);

    /** A tombstone that was not read by then is sent again. */
    static final Duration RETRY = Duration.ofSeconds(60);

    /** Tombstones of one cycle, of all partitions: the ownership thread must not be held up. */
    static final int AT_ONCE = 500;

    private static final long NOT_SEEN = Long.MIN_VALUE;

    private final Map<SliceKey, Long> due = new LinkedHashMap<>();

    void add(SliceKey key) {
        due.putIfAbsent(key, NOT_SEEN);
    }

    void remove(SliceKey key) {
        due.remove(key);
    }

    /** Kafka did not take the tombstones of these: they are due at once. */
    void refused(List<SliceKey> keys, long now) {
        keys.forEach(key -> due.replace(key, now));
    }

    /** Returns at most {@code most} keys whose statuses must be removed now. Those that are still here are returned again later. */
    List<SliceKey> due(long now, int most) {
        List<SliceKey> keys = new ArrayList<>();
        due.replaceAll((key, at) -> {
            if (at == NOT_SEEN) {
                return now + DELAY.toNanos();
            }
            if (at - now > 0 || keys.size() >= most) {
                return at;
            }
            keys.add(key);
            return now + RETRY.toNanos();
        });
        return keys;
    }
}
