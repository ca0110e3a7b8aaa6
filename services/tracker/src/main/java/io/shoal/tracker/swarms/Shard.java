package io.shoal.tracker.swarms;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A part of all info-hashes: what happens to one of its swarms happens under its lock, which is held for microseconds. */
final class Shard {
    /** Was seen as a leech, so it can become a seed. */
    private static final int LEECHED = 1;

    /** Its completion is in `downloaded` already. */
    private static final int COUNTED = 2;

    /** Swarms that a sweep goes through before it lets others have the lock. */
    private static final int SWEEP = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final SwarmTable v4;
    private final SwarmTable v6;
    private final RandomGenerator random;
    private final Terms terms;
    private final AtomicInteger room;

    /**
     * @param room slots that all shards together may still take
     */
    Shard(Terms terms, AtomicInteger room, long seed, RandomGenerator random) {
        this.terms = terms;
        this.room = room;
        this.random = random;
        this.v4 = new SwarmTable(Family.V4, seed);
        this.v6 = new SwarmTable(Family.V6, seed);
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

    private static int enter(Announce announce, Swarm swarm) {
        int state = state(announce);
        return swarm.add(
                announce.address(),
                announce.port(),
                announce.peer(),
                state == Swarm.SEED ? 0 : LEECHED,
                (int) announce.at(),
                state);
    }

    /** The asker's slot after its announce; one that is older than what we know changes nothing. */
    private static int renew(Announce announce, Swarm swarm, int slot) {
        if ((int) announce.at() - swarm.time(slot) < 0) {
            return slot;
        }
        int from = swarm.state(slot);
        int state = state(announce);
        int flags = swarm.peer(slot) == announce.peer() ? swarm.flags(slot) : 0;
        if (state != Swarm.SEED) {
            flags |= LEECHED;
        } else if (announce.event() == Event.COMPLETED && (flags & (LEECHED | COUNTED)) == LEECHED) {
            flags |= COUNTED;
            swarm.countDownload();
        }
        swarm.stamp(slot, announce.address(), announce.port(), announce.peer(), flags, (int) announce.at());
        return from == state ? slot : swarm.turn(slot, from, state);
    }

    private static void stop(Announce announce, @Nullable Swarm swarm, int slot) {
        if (swarm != null && slot >= 0 && (int) announce.at() - swarm.time(slot) >= 0) {
            int from = swarm.state(slot);
            swarm.stamp(slot, (int) announce.at());
            if (from != Swarm.STOPPED) {
                swarm.turn(slot, from, Swarm.STOPPED);
            }
        }
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

    /** Forgets who has not announced for too long. */
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
            if (silent > (swarm.state(slot) == Swarm.STOPPED ? terms.memoryOfStopped() : terms.lifetime())) {
                swarm.remove(slot);
                room.incrementAndGet();
            }
        }
    }

    Census census() {
        lock.lock();
        try {
            return Census.of(v4, v6);
        } finally {
            lock.unlock();
        }
    }
}
