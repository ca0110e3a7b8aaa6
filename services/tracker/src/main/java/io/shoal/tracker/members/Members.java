package io.shoal.tracker.members;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.accounting.Session;
import io.shoal.tracker.accounting.Totals;
import io.shoal.tracker.admission.Member;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.SwarmLimits;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All private swarms. Each tenant has its own, also where two have the same torrent, because no tenant may learn of another's
 * users. Any thread may call; changes of one swarm are sequential, because the map computes its entry.
 */
public final class Members {
    /** Milliseconds by which the clock of another replica may be ahead; what comes from further is not believed. */
    private static final long SKEW = 60_000;

    private final SwarmLimits swarmLimits;
    private final Ledger ledger;
    private final Supplier<? extends RandomGenerator> random;
    private final PeerQuota quota;
    private final int replica;
    private final @Nullable MemberChanges untold;
    private final Map<Key, PrivateSwarm> swarms = new ConcurrentHashMap<>();
    private final LongAdder notRemembered = new LongAdder();

    private record Key(UUID tenant, SwarmKey torrent) {}

    /**
     * Swarms that only this process knows.
     *
     * @param ledger hears of all that members sent and received
     * @param random a generator that the calling thread may use
     */
    public Members(SwarmLimits swarmLimits, Ledger ledger, Supplier<? extends RandomGenerator> random) {
        this(swarmLimits, ledger, random, 0, null);
    }

    /**
     * Swarms that are shared with other replicas: {@link #drain} and {@link #apply} must be called.
     *
     * @param ledger hears of all that members sent and received through this replica
     * @param random a generator that the calling thread may use
     * @param replica number of this one, 0 to 255; no other has it
     */
    public Members(SwarmLimits swarmLimits, Ledger ledger, Supplier<? extends RandomGenerator> random, int replica) {
        this(swarmLimits, ledger, random, replica, new MemberChanges(swarmLimits.peers()));
    }

    private Members(
            SwarmLimits swarmLimits,
            Ledger ledger,
            Supplier<? extends RandomGenerator> random,
            int replica,
            @Nullable MemberChanges untold) {
        this.swarmLimits = swarmLimits;
        this.ledger = ledger;
        this.random = random;
        this.replica = replica;
        this.untold = untold;
        this.quota = new PeerQuota(swarmLimits.peers());
    }

    /** Takes note of what {@code member}'s client {@code peer} announces and fills {@code reply}, unless it is refused. */
    public AnnounceOutcome announce(Member member, PeerKey peer, Announce announce, Reply reply) {
        reply.clear();
        AnnounceOutcome[] outcome = new AnnounceOutcome[1];
        swarms.compute(new Key(member.tenant(), announce.torrent()), (key, known) -> {
            PrivateSwarm swarm = known == null ? new PrivateSwarm(swarmLimits, quota, key.tenant(), replica) : known;
            PrivateSwarm.Answer answer = swarm.announce(member, peer, announce, random.get(), reply);
            outcome[0] = answer.outcome();
            if (answer.changed() != null) {
                tell(swarm.change(member, announce.torrent(), answer.changed()));
            }
            return swarm.isEmpty() ? null : swarm;
        });
        if (outcome[0] == AnnounceOutcome.NOT_REMEMBERED) {
            notRemembered.increment();
        }
        return outcome[0];
    }

    private void tell(MemberChange change) {
        Counting.Stand stand = change.stand();
        ledger.post(
                new Session(change.tenant(), change.user(), change.torrent(), change.peer(), stand.start()),
                new Totals(stand.uploaded(), stand.downloaded(), stand.seedingMillis(), change.at()));
        if (untold != null) {
            untold.add(change);
        }
    }

    /** Returns the changes since the last call that the other replicas need. */
    public List<MemberChange> drain() {
        return Objects.requireNonNull(untold, "swarms of one process").take();
    }

    /**
     * Applies a change that another replica sent. A change that arrives again or late does no harm.
     *
     * @param now milliseconds of the tracker's clock
     * @return whether it was news: not if more was known already, if the peer would be gone by now, or for lack of quota
     */
    public boolean apply(MemberChange change, long now) {
        int lifetime = change.state() == PeerState.STOPPED ? swarmLimits.memoryOfStopped() : swarmLimits.lifetime();
        if (now - change.at() > lifetime || change.at() - now > SKEW) {
            return false;
        }
        boolean[] news = new boolean[1];
        swarms.compute(new Key(change.tenant(), change.torrent()), (key, known) -> {
            PrivateSwarm swarm = known == null ? new PrivateSwarm(swarmLimits, quota, key.tenant(), replica) : known;
            news[0] = swarm.apply(change);
            return swarm.isEmpty() ? null : swarm;
        });
        return news[0];
    }

    /** Counts the swarm of {@code member}'s tenant and changes nothing. */
    public Scrape scrape(Member member, SwarmKey torrent) {
        Scrape[] counts = {Scrape.NOTHING};
        swarms.computeIfPresent(new Key(member.tenant(), torrent), (key, swarm) -> {
            counts[0] = swarm.scrape();
            return swarm;
        });
        return counts[0];
    }

    /** Forgets peers that were silent too long at {@code now}, frees empty swarms. The caller calls it from time to time. */
    public void expire(long now) {
        for (Key key : swarms.keySet()) {
            swarms.computeIfPresent(key, (k, swarm) -> {
                swarm.expire(now);
                return swarm.isEmpty() ? null : swarm;
            });
        }
    }

    /** How many private swarms there are. */
    public int swarms() {
        return swarms.size();
    }

    /** How many peers are remembered, the stopped included. */
    public int peers() {
        return quota.taken();
    }

    /** Announces that were answered and not remembered, for lack of quota. */
    public long notRemembered() {
        return notRemembered.sum();
    }
}
