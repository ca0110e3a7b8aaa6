package io.shoal.tracker.swarms;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * All swarms. Any thread may call; each needs a {@link Reply} of its own. Which shard a torrent is in follows from its
 * info-hash and a number that only this process knows.
 */
public final class Swarms {
    /** Many more than cores, so that two announces rarely want one lock. */
    private static final int SHARDS = 64;

    private final Shard[] shards = new Shard[SHARDS];
    private final long seed;
    private final LongAdder notRemembered = new LongAdder();

    /**
     * @param seed of the choice of peers and of the places in memory; to be guessed by nobody
     */
    public Swarms(Terms terms, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        this.seed = random.nextLong();
        AtomicInteger room = new AtomicInteger(terms.peers());
        for (int shard = 0; shard < SHARDS; shard++) {
            shards[shard] = new Shard(terms, room, random.nextLong(), random.split());
        }
    }

    /** Takes note of {@code announce} and fills {@code reply}. */
    public void announce(Announce announce, Reply reply) {
        reply.clear();
        if (!shard(announce.torrent()).announce(announce, reply)) {
            notRemembered.increment();
        }
    }

    /** Counts the swarm of {@code key} and changes nothing. */
    public Scrape scrape(SwarmKey key) {
        return shard(key).scrape(key);
    }

    /** Forgets peers that were silent too long at {@code now}, frees empty swarms. To be called every now and then. */
    public void expire(long now) {
        for (Shard shard : shards) {
            shard.expire(now);
        }
    }

    /** Who is there. */
    public Census census() {
        Census census = Census.NOBODY;
        for (Shard shard : shards) {
            census = census.plus(shard.census());
        }
        return census;
    }

    /** Announces that were answered and not remembered, for lack of room. */
    public long notRemembered() {
        return notRemembered.sum();
    }

    private Shard shard(SwarmKey key) {
        return shards[key.hash(seed) >>> 26];
    }
}
