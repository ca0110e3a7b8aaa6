package io.shoal.tracker.members;

import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.accounting.Session;
import io.shoal.tracker.admission.Member;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.Terms;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * All private swarms. Each tenant has its own, also where two have the same torrent, since no tenant learns of another's users.
 * Any thread may call; what happens to one swarm happens one after the other, because the map computes its entry.
 */
public final class Members {
    private final Terms terms;
    private final Ledger ledger;
    private final Supplier<? extends RandomGenerator> random;
    private final AtomicInteger room;
    private final Map<Key, PrivateSwarm> swarms = new ConcurrentHashMap<>();
    private final LongAdder notRemembered = new LongAdder();

    private record Key(UUID tenant, SwarmKey torrent) {}

    /**
     * @param ledger hears of all that members sent and received
     * @param random a generator that the calling thread may use
     */
    public Members(Terms terms, Ledger ledger, Supplier<? extends RandomGenerator> random) {
        this.terms = terms;
        this.ledger = ledger;
        this.random = random;
        this.room = new AtomicInteger(terms.peers());
    }

    /** Takes note of what {@code member}'s client {@code peer} announces and fills {@code reply}, unless it is refused. */
    public Outcome announce(Member member, PeerKey peer, Announce announce, Reply reply) {
        reply.clear();
        Outcome[] outcome = new Outcome[1];
        swarms.compute(new Key(member.tenant(), announce.torrent()), (key, known) -> {
            PrivateSwarm swarm = known == null ? new PrivateSwarm(terms, room) : known;
            PrivateSwarm.Answer answer = swarm.announce(member, peer, announce, random.get(), reply);
            outcome[0] = answer.outcome();
            MemberPeer changed = answer.changed();
            if (changed != null) {
                ledger.post(
                        new Session(
                                member.tenant(),
                                member.user(),
                                announce.torrent(),
                                peer,
                                changed.counting().start()),
                        changed.counting().totals());
            }
            return swarm.isEmpty() ? null : swarm;
        });
        if (outcome[0] == Outcome.NOT_REMEMBERED) {
            notRemembered.increment();
        }
        return outcome[0];
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

    /** Forgets peers that were silent too long at {@code now}, frees empty swarms. To be called every now and then. */
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
        return terms.peers() - room.get();
    }

    /** Announces that were answered and not remembered, for lack of room. */
    public long notRemembered() {
        return notRemembered.sum();
    }
}
