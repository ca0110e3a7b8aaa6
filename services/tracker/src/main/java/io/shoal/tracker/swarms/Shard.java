package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A part of all info-hashes: what happens to one of its swarms happens under its lock, which is held for microseconds. */
final class Shard {
    /** Swarms that a sweep visits before it releases the lock. */
    private static final int SWEEP = 256;

    /** Two threads of this process that are the wrong way round are no further apart. */
    private static final int OVERTAKEN_MILLIS = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final SwarmTable v4;
    private final SwarmTable v6;
    private final RandomGenerator random;
    private final SwarmLimits swarmLimits;
    private final AtomicInteger room;
    private final int replica;
    private final Merge merge;
    private @Nullable Outbox outbox;

    /**
     * @param room slots that all shards together may still take
     * @param replica number of this one
     * @param outbox of changes for the other replicas; null if there are no other replicas
     */
    Shard(
            SwarmLimits swarmLimits,
            AtomicInteger room,
            int replica,
            @Nullable Outbox outbox,
            long seed,
            RandomGenerator random) {
        this.swarmLimits = swarmLimits;
        this.room = room;
        this.replica = replica;
        this.merge = new Merge(swarmLimits, replica);
        this.outbox = outbox;
        this.random = random;
        this.v4 = new SwarmTable(Family.V4, seed);
        this.v6 = new SwarmTable(Family.V6, seed);
    }

    SwarmTable table(boolean isV4) {
        return isV4 ? v4 : v6;
    }

    /** False if the asker was answered but not remembered, for lack of room. */
    boolean announce(Announce announce, Reply reply) {
        lock.lock();
        try {
            boolean isV4 = announce.address().isV4();
            SwarmTable own = isV4 ? v4 : v6;
            SwarmTable other = isV4 ? v6 : v4;
            return answer(announce, own, other, reply);
        } finally {
            lock.unlock();
        }
    }

    private boolean answer(Announce announce, SwarmTable own, SwarmTable other, Reply reply) {
        Swarm foreign = other.find(announce.torrent());
        Swarm swarm = own.find(announce.torrent());
        int slot = swarm == null ? -1 : swarm.find(announce.address(), announce.port());
        boolean remembered = true;
        if (announce.event() == Event.STOPPED) {
            stop(announce, swarm, slot);
        } else {
            if (slot >= 0 && swarm != null) {
                slot = renew(announce, swarm, slot);
            } else if (hasRoom(swarm)) {
                swarm = swarm == null ? own.create(announce.torrent()) : swarm;
                slot = enter(announce, swarm);
            } else {
                remembered = false;
            }
        }
        if (swarm != null) {
            swarm.save();
        }
        Scrape counts = swarm == null ? Scrape.NOTHING : swarm.scrape();
        reply.count(foreign == null ? counts : counts.plus(foreign.scrape()));
        if (announce.event() != Event.STOPPED) {
            give(announce, swarm, slot, foreign, reply);
        }
        return remembered;
    }

    private boolean hasRoom(@Nullable Swarm swarm) {
        if (swarm != null && swarm.slots() == Swarm.PEERS) {
            return false;
        }
        if (room.decrementAndGet() >= 0) {
            return true;
        }
        room.incrementAndGet();
        return false;
    }

    private static int state(Announce announce) {
        if (announce.left() == 0) {
            return Swarm.SEED;
        }
        return announce.event() == Event.PAUSED ? Swarm.PAUSED : Swarm.ACTIVE;
    }

    private int enter(Announce announce, Swarm swarm) {
        int state = state(announce);
        int slot = swarm.add(
                announce.address(),
                announce.port(),
                announce.peer(),
                Flags.told(state == Swarm.SEED ? 0 : Flags.LEECHED, announce.at(), swarmLimits),
                replica,
                (int) announce.at(),
                state);
        tell(announce, swarm, slot, false, announce.at());
        return slot;
    }

    /** The asker's slot after its announce; one that is older than what we know changes nothing. */
    private int renew(Announce announce, Swarm swarm, int slot) {
        long at = time(announce, swarm, slot);
        if ((int) at - swarm.time(slot) < 0) {
            return slot;
        }
        int from = swarm.state(slot);
        int state = state(announce);
        boolean isOther = swarm.peer(slot) != announce.peer();
        int flags = isOther ? 0 : swarm.flags(slot);
        boolean completed = false;
        if (state != Swarm.SEED) {
            flags |= Flags.LEECHED;
        } else if (announce.event() == Event.COMPLETED && (flags & Flags.MARKS) == Flags.LEECHED) {
            flags |= Flags.COUNTED;
            completed = true;
            swarm.countDownload();
        }
        boolean telling = from != state || isOther || completed || Flags.isDue(flags, at, swarmLimits);
        if (telling) {
            flags = Flags.told(flags, at, swarmLimits);
        }
        swarm.stamp(slot, announce.address(), announce.port(), announce.peer(), flags, replica, (int) at);
        int turned = from == state ? slot : swarm.turn(slot, from, state);
        if (telling) {
            tell(announce, swarm, turned, completed, at);
        }
        return turned;
    }

    private void stop(Announce announce, @Nullable Swarm swarm, int slot) {
        if (swarm == null || slot < 0) {
            return;
        }
        long at = time(announce, swarm, slot);
        if ((int) at - swarm.time(slot) >= 0) {
            int from = swarm.state(slot);
            swarm.stamp(slot, announce.port(), swarm.flags(slot), replica, (int) at);
            if (from != Swarm.STOPPED) {
                tell(announce, swarm, swarm.turn(slot, from, Swarm.STOPPED), false, at);
            }
        }
    }

    /**
     * When {@code announce} came: after what is known, even if the clock of the replica that told it was ahead. Only two threads of
     * this process can be the wrong way round, and not by much.
     */
    private long time(Announce announce, Swarm swarm, int slot) {
        int behind = swarm.time(slot) - (int) announce.at();
        boolean isOvertaken = swarm.replica(slot) == replica && behind < OVERTAKEN_MILLIS;
        return behind < 0 || isOvertaken ? announce.at() : announce.at() + behind + 1;
    }

    private void tell(Announce announce, Swarm swarm, int slot, boolean completed, long at) {
        tell(announce.torrent(), announce.address(), announce.port(), swarm, slot, completed, at);
    }

    private void tell(SwarmKey torrent, Address address, int port, Swarm swarm, int slot, boolean completed, long at) {
        if (outbox != null) {
            outbox.add(
                    torrent,
                    address,
                    port,
                    swarm.peer(slot),
                    swarm.state(slot),
                    swarm.flags(slot),
                    completed,
                    swarm.downloaded(),
                    at);
        }
    }

    /** Returns the changes for the other replicas; from now on {@code empty} collects them. */
    Outbox exchange(Outbox empty) {
        lock.lock();
        try {
            Outbox full = Objects.requireNonNull(outbox, "the swarms are not replicated");
            outbox = empty;
            return full;
        } finally {
            lock.unlock();
        }
    }

    /** Applies a change that another replica sent; returns false if it was not newer, or there was no room. */
    boolean apply(Change change, long now) {
        lock.lock();
        try {
            SwarmTable table = change.address().isV4() ? v4 : v6;
            Swarm swarm = table.find(change.torrent());
            int slot = swarm == null ? -1 : swarm.find(change.address(), change.port());
            if (swarm == null || slot < 0) {
                if (isForgotten(change, now) || !hasRoom(swarm)) {
                    return false;
                }
                swarm = swarm == null ? table.create(change.torrent()) : swarm;
                merge.enter(change, swarm);
                swarm.save();
                return true;
            }
            Merge.Outcome outcome = merge.renew(change, swarm, slot);
            swarm.save();
            if (outcome == Merge.Outcome.DISPUTED) {
                long at = now + swarm.time(slot) - (int) now;
                tell(change.torrent(), change.address(), change.port(), swarm, slot, false, at);
            }
            return outcome == Merge.Outcome.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    private boolean isForgotten(Change change, long now) {
        return change.state() == PeerState.STOPPED && now - change.at() > swarmLimits.memoryOfStopped();
    }

    /**
     * Peers of the asker's family first; of the other one what is left, but a quarter where there are that many, so that the
     * families of a large swarm do not part.
     */
    private void give(Announce announce, @Nullable Swarm swarm, int slot, @Nullable Swarm foreign, Reply reply) {
        boolean wantsNothing = announce.left() == 0 || announce.event() == Event.PAUSED;
        int wanted = Math.min(announce.wanted(), Reply.PEERS);
        int ofOther = foreign != null && announce.bothFamilies() ? foreign.run(wantsNothing) : 0;
        int ofOwn = swarm == null ? 0 : swarm.run(wantsNothing);
        int toOther = Math.min(ofOther, Math.max(wanted - ofOwn, wanted / 4));
        if (foreign != null && toOther > 0) {
            foreign.give(ofOther, toOther, -1, announce.peer(), announce.port(), random, reply);
        }
        if (swarm != null) {
            swarm.give(ofOwn, wanted - toOther, slot, 0, 0, random, reply);
        }
    }

    Scrape scrape(SwarmKey key) {
        lock.lock();
        try {
            Swarm ofV4 = v4.find(key);
            Swarm ofV6 = v6.find(key);
            Scrape counts = ofV4 == null ? Scrape.NOTHING : ofV4.scrape();
            return ofV6 == null ? counts : counts.plus(ofV6.scrape());
        } finally {
            lock.unlock();
        }
    }

    /** Removes peers that have not announced for too long. */
    void expire(long now) {
        for (SwarmTable table : new SwarmTable[] {v4, v6}) {
            boolean more = true;
            while (more) {
                lock.lock();
                try {
                    more = table.sweep(SWEEP, swarm -> expire(swarm, (int) now));
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private void expire(Swarm swarm, int now) {
        // From the end, since a removal moves only slots that were looked at already.
        for (int slot = swarm.slots() - 1; slot >= 0; slot--) {
            int silent = now - swarm.time(slot);
            if (silent
                    > (swarm.state(slot) == Swarm.STOPPED ? swarmLimits.memoryOfStopped() : swarmLimits.lifetime())) {
                swarm.remove(slot);
                room.incrementAndGet();
            }
        }
    }

    SwarmTotals totals() {
        lock.lock();
        try {
            return SwarmTotals.of(v4, v6);
        } finally {
            lock.unlock();
        }
    }
}
