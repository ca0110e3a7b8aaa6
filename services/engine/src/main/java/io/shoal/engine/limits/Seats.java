package io.shoal.engine.limits;

import io.shoal.engine.net.Loop;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one engine, shared by owner and by torrent. As long as there are free seats any torrent takes
 * them. When there are none, a torrent that has less than its share takes a seat at once, and the torrent that has most
 * gives up its least useful connection.
 *
 * <p>The share: no owner has less than another owner if it wants more, and no torrent less than another torrent of its
 * owner. A torrent that has {@link EngineLimits#SEATS_FLOOR} takes none from a torrent of another owner that has no
 * more.
 *
 * <p>Invariant: the seats taken are at most the capacity and those that are being given up, which are at most
 * {@link #overdraft}. A seat only moves to a torrent or owner that has at least two fewer, so seats never move in
 * circles. Any thread.
 */
public final class Seats {
    private static final int OVERDRAFT_PART = 20;

    private final int capacity;
    private final int overdraft;

    // All below is guarded by this.
    private final Map<String, Owner> owners = new HashMap<>();
    private final TreeSet<Owner> byUse =
            new TreeSet<>(Comparator.<Owner>comparingInt(owner -> owner.kept).thenComparingLong(owner -> owner.number));
    private int taken;
    private long numbers;

    /** @param capacity normally {@link EngineLimits#PEERS_PER_ENGINE} */
    public Seats(int capacity) {
        this.capacity = capacity;
        this.overdraft = Math.max(1, capacity / OVERDRAFT_PART);
    }

    private static final class Owner {
        final String name;
        final long number;
        final TreeSet<Share> byUse =
                new TreeSet<>(Comparator.<Share>comparingInt(Share::kept).thenComparingLong(share -> share.number));

        /** Seats that its torrents have and need not give up. */
        int kept;

        Owner(String name, long number) {
            this.name = name;
            this.number = number;
        }
    }

    /** The seats of one torrent. */
    public final class Share {
        private final Owner owner;
        private final long number;
        private final Loop loop;
        private final Runnable giveUp;
        private int used;
        private int owed;
        private boolean closed;

        private Share(Owner owner, long number, Loop loop, Runnable giveUp) {
            this.owner = owner;
            this.number = number;
            this.loop = loop;
            this.giveUp = giveUp;
        }

        private int kept() {
            return used - owed;
        }

        /** Takes a seat for a connection that is open. @return false if there is none for this torrent */
        public boolean tryTake() {
            synchronized (Seats.this) {
                if (closed) {
                    return false;
                }
                if (taken >= capacity) {
                    Share other = taken < capacity + overdraft ? giver(this, 0) : null;
                    if (other == null) {
                        return false;
                    }
                    change(other, 0, 1);
                    other.loop.execute(other.giveUp);
                }
                change(this, 1, 0);
                return true;
            }
        }

        /** Whether {@link #tryTake} would succeed now after {@code pending} more connections were opened. */
        public boolean mayTake(int pending) {
            synchronized (Seats.this) {
                return !closed
                        && (taken + pending < capacity || taken < capacity + overdraft && giver(this, pending) != null);
            }
        }

        /** Releases a seat: its connection is closed. */
        public void release() {
            synchronized (Seats.this) {
                change(this, -1, owed > 0 ? -1 : 0);
            }
        }

        /** Returns how many connections must be closed in favour of other torrents. */
        public int owed() {
            synchronized (Seats.this) {
                return owed;
            }
        }

        /** The torrent leaves: it takes no more seats. Those that it has are still released one by one. */
        public void close() {
            synchronized (Seats.this) {
                closed = true;
                forget(this);
            }
        }
    }

    /**
     * Adds a torrent.
     *
     * @param owner whose share it belongs to
     * @param giveUp called on {@code loop} when {@link Share#owed} has increased
     */
    public synchronized Share join(String owner, Loop loop, Runnable giveUp) {
        Owner of = owners.get(owner);
        if (of == null) {
            of = new Owner(owner, numbers++);
            owners.put(owner, of);
            byUse.add(of);
        }
        Share share = new Share(of, numbers++, loop, giveUp);
        of.byUse.add(share);
        return share;
    }

    /** Returns the torrent that must give up a seat for {@code share}; null if none has more than its own share. */
    private @Nullable Share giver(Share share, int pending) {
        Owner richest = byUse.last();
        if (richest != share.owner && richest.kept > share.owner.kept + pending + 1) {
            Share most = richest.byUse.last();
            int floor = Math.min(share.kept() + pending + 1, EngineLimits.SEATS_FLOOR);
            if (most.kept() > floor) {
                return most;
            }
        }
        Share most = share.owner.byUse.last();
        return most != share && most.kept() > share.kept() + pending + 1 ? most : null;
    }

    private void change(Share share, int seats, int debts) {
        Owner owner = share.owner;
        boolean listed = owner.byUse.remove(share);
        boolean ownerListed = byUse.remove(owner);
        share.used += seats;
        share.owed += debts;
        owner.kept += seats - debts;
        taken += seats;
        if (listed) {
            owner.byUse.add(share);
        }
        if (ownerListed) {
            byUse.add(owner);
        }
        forget(share);
    }

    /** Forgets a torrent that has left and has no seats, and its owner with its last torrent. */
    private void forget(Share share) {
        Owner owner = share.owner;
        if (share.closed && share.used == 0 && owner.byUse.remove(share) && owner.byUse.isEmpty()) {
            byUse.remove(owner);
            owners.remove(owner.name);
        }
    }

    /** Returns the seats that are taken. */
    public synchronized int taken() {
        return taken;
    }
}
