package io.shoal.swarm.ownership;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * Slices that wait to be started. A bounded number is started per second, so that neither the store nor trackers are
 * flooded. Slices that a user waits for come before thousands that only seed, each kind in the order of arrival. Used
 * by the ownership thread only.
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
     * Starts the slices that are due.
     *
     * @param isOurs whether the slice is still owned
     * @param start starts it; false if that is not possible now and must be tried again
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
