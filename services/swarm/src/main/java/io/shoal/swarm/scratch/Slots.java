package io.shoal.swarm.scratch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Allots the slots of one worker to its torrents: a torrent gets all slots that a piece needs or none, so it never
 * holds slots while it waits for more.
 *
 * <p>The last tenth is reserved for segments that are open, because these release slots when they are full. While
 * others wait, one torrent has at most half. A refused torrent is notified of every released slot, until it has
 * acquired some.
 *
 * <p>Used by all loops: every method is short and takes the one lock; waiting torrents are notified outside of it.
 */
public final class Slots {
    private final int count;
    private final int reserve;
    private final ArrayDeque<Integer> free =
            new ArrayDeque<>(); // last in, first out, so that few disk blocks are touched
    private final Set<Share> waiting = new LinkedHashSet<>();

    public Slots(int count) {
        this.count = count;
        this.reserve = Math.max(1, count / 10);
        for (int slot = 0; slot < count; slot++) {
            free.addLast(slot);
        }
    }

    /** Returns the number of slots. */
    public int count() {
        return count;
    }

    /** Returns the number of free slots. */
    public synchronized int free() {
        return free.size();
    }

    /** Whether so few are free that no new segment is opened and idle ones should be spilled. */
    public synchronized boolean isScarce() {
        return free.size() <= reserve;
    }

    /** Creates the share of one torrent; {@code roomChanged} is called on any thread and must not block. */
    public Share share(Runnable roomChanged) {
        return new Share(roomChanged);
    }

    /** The slots of one torrent. */
    public final class Share {
        private final Runnable roomChanged;
        private int held;

        private Share(Runnable roomChanged) {
            this.roomChanged = roomChanged;
        }

        /**
         * Acquires {@code wanted} slots, or none.
         *
         * @param isOpen whether they help to fill a segment that is open already
         * @return their numbers; null if the torrent must wait
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
            // A torrent without slots gets what a single piece needs, even if that is more than half of a small file.
            return held == 0 || !othersWait || held + wanted <= count / 2;
        }

        /** Releases one slot. */
        public void release(int slot) {
            List<Share> waiters;
            synchronized (Slots.this) {
                held--;
                free.addFirst(slot);
                waiters = new ArrayList<>(waiting);
            }
            waiters.forEach(share -> share.roomChanged.run());
        }

        /** The torrent needs no more slots for now. */
        public void stopWaiting() {
            synchronized (Slots.this) {
                waiting.remove(this);
            }
        }

        /** Whether it was refused and has not acquired any since. */
        public boolean isWaiting() {
            synchronized (Slots.this) {
                return waiting.contains(this);
            }
        }
    }
}
