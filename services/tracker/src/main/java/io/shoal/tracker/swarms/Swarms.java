package io.shoal.tracker.swarms;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All swarms. Any thread may call; each needs a {@link Reply} of its own. Which shard a torrent is in follows from its
 * info-hash and a number that only this process knows.
 */
public final class Swarms {
    /** Many more than cores, so that two announces rarely want one lock. */
    private static final int SHARDS = 64;

    /** Milliseconds by which the clock of another replica may be ahead; what comes from further is not believed. */
    private static final long SKEW = 60_000;

    private final Shard[] shards = new Shard[SHARDS];
    private final SwarmLimits swarmLimits;
    private final long seed;
    private final LongAdder notRemembered = new LongAdder();
    private @Nullable Outbox spare;

    /**
     * Swarms that only this process knows.
     *
     * @param seed of the choice of peers and of the places in memory; must not be guessable
     */
    public Swarms(SwarmLimits swarmLimits, long seed) {
        this(swarmLimits, seed, 0, () -> null);
    }

    /**
     * Swarms that are shared with other replicas: {@link #drain} and {@link #apply} must be called.
     *
     * @param replica number of this one, 0 to {@link Change#REPLICA_MOST}; no other has it
     */
    public Swarms(SwarmLimits swarmLimits, long seed, int replica) {
        if (replica < 0 || replica > Change.REPLICA_MOST) {
            throw new IllegalArgumentException("replicas are numbered from 0 to " + Change.REPLICA_MOST);
        }
        this(swarmLimits, seed, replica, () -> new Outbox(replica));
        spare = new Outbox(replica);
    }

    private Swarms(SwarmLimits swarmLimits, long seed, int replica, Supplier<@Nullable Outbox> outboxes) {
        this.swarmLimits = swarmLimits;
        SplittableRandom random = new SplittableRandom(seed);
        this.seed = random.nextLong();
        AtomicInteger room = new AtomicInteger(swarmLimits.peers());
        for (int shard = 0; shard < SHARDS; shard++) {
            shards[shard] = new Shard(swarmLimits, room, replica, outboxes.get(), random.nextLong(), random.split());
        }
    }

    /** Applies {@code announce} and fills {@code reply}. */
    public void announce(Announce announce, Reply reply) {
        reply.clear();
        if (!shard(announce.torrent()).announce(announce, reply)) {
            notRemembered.increment();
        }
    }

    /**
     * Passes the changes since the last call that the other replicas need to {@code reader}. Changes of a swarm are in order.
     * Called by one thread from time to time.
     *
     * @return how many changes more there were, for which there was no room
     */
    public int drain(Consumer<Change> reader) {
        Outbox empty = Objects.requireNonNull(spare, "swarms of one process");
        int lost = 0;
        for (Shard shard : shards) {
            Outbox full = shard.exchange(empty);
            lost += full.empty(reader);
            empty = full;
        }
        spare = empty;
        return lost;
    }

    /**
     * Applies a change that another replica sent. A change that arrives again or late does no harm, as long as it comes within
     * {@link SwarmLimits#memoryOfStopped}.
     *
     * @param now milliseconds of the tracker's clock
     * @return whether it was news: not if more was known already, if the peer would be gone by now, or for lack of room
     */
    public boolean apply(Change change, long now) {
        long age = now - change.at();
        return age <= swarmLimits.lifetime()
                && age >= -SKEW
                && shard(change.torrent()).apply(change, now);
    }

    /** Counts the swarm of {@code key} and changes nothing. */
    public Scrape scrape(SwarmKey key) {
        return shard(key).scrape(key);
    }

    /** Forgets peers that were silent too long at {@code now}, frees empty swarms. The caller calls it from time to time. */
    public void expire(long now) {
        for (Shard shard : shards) {
            shard.expire(now);
        }
    }

    /** The number of peers by state and family. */
    public SwarmTotals totals() {
        SwarmTotals totals = SwarmTotals.NONE;
        for (Shard shard : shards) {
            totals = totals.plus(shard.totals());
        }
        return totals;
    }

    /** Announces that were answered and not remembered, for lack of room. */
    public long notRemembered() {
        return notRemembered.sum();
    }

    /** For a thread that is about to announce many at once; its own. */
    public Prefetch prefetch() {
        return new Prefetch(this);
    }

    Shard shard(SwarmKey key) {
        return shards[key.hash(seed) >>> 26];
    }
}
