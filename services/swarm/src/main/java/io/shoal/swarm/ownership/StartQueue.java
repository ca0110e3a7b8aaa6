package io.shoal.swarm.ownership;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * Slices that wait to be begun. So many are begun in a second that neither the store nor trackers are flooded; those that
 * somebody waits for come before thousands that only seed, each kind in the order in which it came. Used by the ownership
 * thread only.
 */
final class StartQueue {
    private static final long SECOND = 1_000_000_000L;

    private final int perSecond;
    private final Deque<OwnedSlice> urgent = new ArrayDeque<>();
    private final Deque<OwnedSlice> others = new ArrayDeque<>();
    private long lastStarts = System.nanoTime();

    StartQueue(int perSecond) {
        this.perSecond = perSecond;
    }

    void add(OwnedSlice slice) {
        (slice.isUrgent() ? urgent : others).add(slice);
    }

    void clear() {
        urgent.clear();
        others.clear();
    }

    /**
     * Begins those that are due.
     *
     * @param isOurs whether it still is
     * @param start begins it; false if that cannot be now, and it is to be tried again
     */
    void startDue(long now, Predicate<OwnedSlice> isOurs, Predicate<OwnedSlice> start) {
        if (urgent.isEmpty() && others.isEmpty()) {
            lastStarts = now;
            return;
        }
        long due = Math.min(perSecond, (now - lastStarts) * perSecond / SECOND);
        for (; due > 0; due--) {
            Deque<OwnedSlice> waiting = urgent.isEmpty() ? others : urgent;
            OwnedSlice next = waiting.poll();
            if (next == null) {
                return;
            }
            if (isOurs.test(next) && !start.test(next)) {
                waiting.addFirst(next);
                return;
            }
            lastStarts = now;
        }
    }
}
