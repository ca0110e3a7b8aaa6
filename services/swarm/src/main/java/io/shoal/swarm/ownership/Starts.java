package io.shoal.swarm.ownership;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * Slices that wait to be begun, in the order in which they came. So many are begun in a second that neither the store nor
 * trackers are flooded. Used by the ownership thread only.
 */
final class Starts {
    private static final long SECOND = 1_000_000_000L;

    private final int perSecond;
    private final Deque<OwnedSlice> waiting = new ArrayDeque<>();
    private long lastStarts = System.nanoTime();

    Starts(int perSecond) {
        this.perSecond = perSecond;
    }

    void add(OwnedSlice slice) {
        waiting.add(slice);
    }

    void clear() {
        waiting.clear();
    }

    /**
     * Begins those that are due.
     *
     * @param isOurs whether it still is
     * @param begins begins it; false if that cannot be now, and it is to be tried again
     */
    void startSome(long now, Predicate<OwnedSlice> isOurs, Predicate<OwnedSlice> begins) {
        if (waiting.isEmpty()) {
            lastStarts = now;
            return;
        }
        long due = Math.min(perSecond, (now - lastStarts) * perSecond / SECOND);
        for (; due > 0 && !waiting.isEmpty(); due--) {
            OwnedSlice next = waiting.remove();
            if (isOurs.test(next) && !begins.test(next)) {
                waiting.addFirst(next);
                return;
            }
            lastStarts = now;
        }
    }
}
