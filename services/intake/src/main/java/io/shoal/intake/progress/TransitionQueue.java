package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Slices that wait to be acted upon, bounded in number and bytes, each with its newest status. Invariants: a slice is in the hands of
 * one thread at a time; a waiting slice is ready, batched, or delayed; the offset of a record counts as pending until what came of the
 * record is done.
 */
final class TransitionQueue {
    /** Slices that wait; more are not read from Kafka meanwhile. */
    static final int MOST = 10_000;

    private static final Duration TURN = Duration.ofSeconds(10);

    private static final long MOST_BYTES = 16L << 20;

    /**
     * A slice that waits.
     *
     * @param status to act upon; null: the last one, because something else has changed
     * @param partition of the status; -1 without one
     * @param offset of the first record that this has come of
     * @param bytes of the record
     * @param isBatched whether it is only stored, with those of others: its segments and trackers
     */
    record Entry(
            SliceKey key, @Nullable StatusRecord status, int partition, long offset, int bytes, boolean isBatched) {

        static Entry reconsider(SliceKey key) {
            return new Entry(key, null, -1, Long.MAX_VALUE, 0, false);
        }

        Entry batched() {
            return new Entry(key, status, partition, offset, bytes, true);
        }

        Entry followedBy(Entry newer) {
            Entry record = newer.status == null ? this : newer;
            return new Entry(
                    key,
                    record.status,
                    record.partition,
                    Math.min(offset, newer.offset),
                    record.bytes,
                    isBatched && newer.isBatched);
        }
    }

    private final int hands;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<SliceKey, Entry> waiting = new LinkedHashMap<>();
    private final Set<SliceKey> ready = new LinkedHashSet<>();
    private final Set<SliceKey> batched = new LinkedHashSet<>();
    private final Map<SliceKey, Long> delayed = new HashMap<>();
    private final Map<SliceKey, Entry> taken = new HashMap<>();
    private final Set<Integer> owned = new HashSet<>();
    private final Outages outages = new Outages();
    private long bytes;
    private boolean closed;

    /** @param hands threads that take slices, each its part of them */
    TransitionQueue(int hands) {
        this.hands = hands;
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    void assigned(Set<Integer> partitions) {
        locked(() -> owned.addAll(partitions));
    }

    /** Adds a slice, or what is new of it. */
    void add(Entry entry) {
        locked(() -> {
            Entry before = waiting.get(entry.key);
            put(before == null ? entry : before.followedBy(entry));
            return null;
        });
    }

    /** Adds a slice that must be looked at again; returns false, and does nothing, if too many wait. */
    boolean reconsider(SliceKey key) {
        return locked(() -> {
            if (waiting.size() >= 2 * MOST) {
                return false;
            }
            add(Entry.reconsider(key));
            return true;
        });
    }

    private void put(Entry entry) {
        Entry before = waiting.put(entry.key, entry);
        bytes += entry.bytes - (before == null ? 0 : before.bytes);
        delayed.remove(entry.key);
        if (entry.isBatched) {
            batched.add(entry.key);
        } else {
            batched.remove(entry.key);
            ready.add(entry.key);
            changed.signalAll();
        }
    }

    /**
     * Waits for slices, and takes up to {@code most}, but no more than its part of those that are ready: each is the caller's until it calls {@link #done} or {@link #again}. None when
     * the queue is closed and nothing in it is ready.
     *
     * @param turned is run at least every {@link #TURN} while there is none
     */
    List<Entry> take(int most, Runnable turned) throws InterruptedException {
        lock.lock();
        try {
            turned.run();
            List<Entry> some = takePart(most);
            while (some.isEmpty() && !closed) {
                changed.await(TURN.toNanos(), TimeUnit.NANOSECONDS);
                turned.run();
                some = takePart(most);
            }
            return some;
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> takePart(int most) {
        return takeOf(ready, Math.clamp(ready.size() / hands, 1, most));
    }

    /** Takes up to {@code most} slices that are only stored. */
    List<Entry> takeBatch(int most) {
        return locked(() -> takeOf(batched, most));
    }

    private List<Entry> takeOf(Set<SliceKey> keys, int most) {
        return keys.stream()
                .filter(key -> !taken.containsKey(key) && (!closed || entry(key).partition < 0))
                .limit(most)
                .toList() // before anything is removed from the set
                .stream()
                .map(this::take)
                .toList();
    }

    private Entry entry(SliceKey key) {
        return Objects.requireNonNull(waiting.get(key));
    }

    private Entry take(SliceKey key) {
        Entry entry = forget(key);
        taken.put(key, entry);
        return entry;
    }

    private Entry forget(SliceKey key) {
        Entry entry = Objects.requireNonNull(waiting.remove(key));
        bytes -= entry.bytes;
        ready.remove(key);
        batched.remove(key);
        delayed.remove(key);
        return entry;
    }

    /** The slice was acted upon. Returns the outage that is over with it. */
    Optional<String> done(Entry entry) {
        return locked(() -> {
            taken.remove(entry.key);
            changed.signalAll();
            return outages.ended(entry.key);
        });
    }

    /** As {@link #again}, because of a failure. Returns whether an outage begins with it. */
    boolean failed(Entry entry, Duration pause, Throwable failure) {
        return locked(() -> {
            boolean isFirst = outages.failed(entry.key, failure);
            again(entry, pause);
            return isFirst;
        });
    }

    /** The slice was acted upon, and must be stored too. It is dropped if another replica has taken over its partition. */
    void store(Entry entry) {
        locked(() -> {
            taken.remove(entry.key);
            if (owned.contains(entry.partition)) {
                Entry newer = waiting.get(entry.key);
                put(newer == null ? entry.batched() : entry.batched().followedBy(newer));
            } else {
                outages.ended(entry.key);
            }
            changed.signalAll();
            return null;
        });
    }

    /**
     * The slice could not be acted upon: it waits for {@code pause}, unless something new of it comes. It is dropped if another replica
     * has taken over its partition: that one acts upon the same status.
     */
    void again(Entry entry, Duration pause) {
        locked(() -> {
            taken.remove(entry.key);
            if (entry.partition < 0 || owned.contains(entry.partition)) {
                Entry newer = waiting.get(entry.key);
                if (newer != null) {
                    put(entry.followedBy(newer));
                } else {
                    waiting.put(entry.key, entry);
                    bytes += entry.bytes;
                    delayed.put(entry.key, System.nanoTime() + pause.toNanos());
                }
            } else {
                outages.ended(entry.key);
            }
            changed.signalAll();
            return null;
        });
    }

    /** Makes those ready whose pause is over. */
    void wake() {
        locked(() -> {
            long now = System.nanoTime();
            for (Map.Entry<SliceKey, Long> each : List.copyOf(delayed.entrySet())) {
                if (now - each.getValue() >= 0) {
                    put(Objects.requireNonNull(waiting.get(each.getKey())));
                }
            }
            return null;
        });
    }

    boolean isFull() {
        return locked(() -> waiting.size() >= MOST || bytes >= MOST_BYTES);
    }

    /** Returns, for each partition of which something is pending, the lowest offset that is not done. */
    Map<Integer, Long> pending() {
        return locked(() -> {
            Map<Integer, Long> lowest = new HashMap<>();
            waiting.values().forEach(entry -> lowest.merge(entry.partition, entry.offset, Math::min));
            taken.values().forEach(entry -> lowest.merge(entry.partition, entry.offset, Math::min));
            return lowest;
        });
    }

    /**
     * Drops what waits of partitions that another replica takes over, and waits until none of it is in the hands of a thread, but no
     * longer than {@code patience}.
     */
    void revoked(Set<Integer> partitions, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            owned.removeAll(partitions);
            for (Entry entry : List.copyOf(waiting.values())) {
                if (partitions.contains(entry.partition)) {
                    forget(entry.key);
                    outages.ended(entry.key);
                }
            }
            long end = System.nanoTime() + patience.toNanos();
            while (taken.values().stream().anyMatch(entry -> partitions.contains(entry.partition))
                    && changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {}
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands out nothing any more that came of a status: its offset stays pending, so another replica reads it again. What waits for
     * another reason is known to this replica alone, and is still handed out.
     */
    void close() {
        locked(() -> {
            closed = true;
            changed.signalAll();
            return null;
        });
    }
}
