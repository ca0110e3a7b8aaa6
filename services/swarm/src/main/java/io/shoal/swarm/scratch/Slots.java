package io.shoal.swarm.scratch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Allots the slots of one worker to its torrents: whoever cannot have all that a piece needs gets none of it, so nobody holds
 * slots that it waits with.
 *
 * <p>The last tenth is for segments that are begun, because these free slots when they are full. While others wait, one
 * torrent has at most half. Whoever is refused hears of every slot that comes free, until it has been given some.
 *
 * <p>Used by all loops: every method is short and takes the one lock; those who wait are told outside of it.
 */
public final class Slots {
    private final int count;
    private final int reserve;
    private final ArrayDeque<Integer> free = new ArrayDeque<>(); // last in, first out: the disk sees few blocks
    private final Set<Share> waiting = new HashSet<>();

    public Slots(int count) {
        this.count = count;
        this.reserve = Math.max(1, count / 10);
        for (int slot = 0; slot < count; slot++) {
            free.addLast(slot);
        }
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** How many nobody has. */
    public synchronized int free() {
        return free.size();
    }

    /** Whether so few are free that no new segment is begun and idle ones should go. */
    public synchronized boolean isScarce() {
        return free.size() <= reserve;
    }

    /** The share of one torrent; {@code roomChanged} is called on any thread and must not block. */
    public Share share(Runnable roomChanged) {
        return new Share(roomChanged);
    }

    /** What one torrent has. */
    public final class Share {
        private final Runnable roomChanged;
        private int held;

        private Share(Runnable roomChanged) {
            this.roomChanged = roomChanged;
        }

        /**
         * Takes {@code wanted} slots, or none.
         *
         * @param isOpen whether they help to fill a segment that is begun already
         * @return their numbers; null if it must wait
         */
        public int @Nullable [] acquire(int wanted, boolean isOpen) {
            synchronized (Slots.this) {
                if (!mayAcquire(wanted, isOpen)) {
                    waiting.add(this);
                    return null;
                }
                waiting.remove(this);
                held += wanted;
                int[] taken = new int[wanted];
                for (int i = 0; i < wanted; i++) {
                    taken[i] = free.removeFirst();
                }
                return taken;
            }
        }

        private boolean mayAcquire(int wanted, boolean isOpen) {
            if (wanted > free.size() || (!isOpen && free.size() - wanted < reserve)) {
                return false;
            }
            boolean othersWait = waiting.size() > (waiting.contains(this) ? 1 : 0);
            // One that has none gets what a single piece needs, be it more than half of a small file.
            return held == 0 || !othersWait || held + wanted <= count / 2;
        }

        /** Gives one back. */
        public void release(int slot) {
            List<Share> waiters;
            synchronized (Slots.this) {
                held--;
                free.addFirst(slot);
                waiters = new ArrayList<>(waiting);
            }
            waiters.forEach(share -> share.roomChanged.run());
        }

        /** It needs no more for now. */
        public void stopWaiting() {
            synchronized (Slots.this) {
                waiting.remove(this);
            }
        }

        /** Whether it was refused and has not been given any since. */
        public boolean isWaiting() {
            synchronized (Slots.this) {
                return waiting.contains(this);
            }
        }
    }
}
