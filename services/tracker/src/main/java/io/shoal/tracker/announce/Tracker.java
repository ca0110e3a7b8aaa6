package io.shoal.tracker.announce;

import io.shoal.tracker.admission.Admission;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.Swarms;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where HTTP and UDP meet: applies the rules of the house to a request, then asks the swarms. Any thread may call. */
public final class Tracker {
    /** A tenth is enough to spread askers that came together, and no interval passes the one that was configured. */
    private static final int JITTER = 10;

    private final Swarms swarms;
    private final Admission admission;
    private final Rules rules;
    private final LongSupplier clock;
    private final Supplier<? extends RandomGenerator> random;

    /**
     * @param clock milliseconds that never run backwards
     * @param random a generator that the calling thread may use
     */
    public Tracker(
            Swarms swarms,
            Admission admission,
            Rules rules,
            LongSupplier clock,
            Supplier<? extends RandomGenerator> random) {
        this.swarms = swarms;
        this.admission = admission;
        this.rules = rules;
        this.clock = clock;
        this.random = random;
    }

    /** Fills {@code reply}, or says why not: then the swarms have not heard of it. */
    public @Nullable Refusal announce(Request request, Reply reply) {
        boolean stopped = request.event() == Event.STOPPED;
        if (request.port() == 0 && !stopped) {
            return Refusal.PORT;
        }
        Address address = request.claimed() != null && rules.trusted().contain(request.source())
                ? request.claimed()
                : request.source();
        if (!address.isUnicast()) {
            return Refusal.NO_PEER_ADDRESS;
        }
        if (!rules.privateSources() && address.isPrivate()) {
            return Refusal.PRIVATE_ADDRESS;
        }
        if (!admission.admits(request.torrent())) {
            return Refusal.UNREGISTERED;
        }
        int asked = request.wanted() < 0 ? Rules.WANTED : request.wanted();
        int wanted = stopped ? 0 : Math.min(asked, Math.min(request.most(), Rules.WANTED_MOST));
        swarms.announce(
                new Announce(
                        request.torrent(),
                        address,
                        request.port(),
                        request.peer(),
                        request.uploaded(),
                        request.downloaded(),
                        request.left(),
                        request.event(),
                        wanted,
                        request.bothFamilies(),
                        clock.getAsLong()),
                reply);
        return null;
    }

    /** The swarm of {@code key} in numbers: zeros for one that is not served. */
    public Scrape scrape(SwarmKey key) {
        return admission.admits(key) ? swarms.scrape(key) : Scrape.NOTHING;
    }

    /** Seconds after which this asker is to come back: the configured interval or up to a tenth less. */
    public int interval() {
        int spread = Math.min(rules.interval() / JITTER, rules.interval() - rules.minInterval());
        return rules.interval() - (spread > 0 ? random.get().nextInt(spread + 1) : 0);
    }

    /** Seconds before which no asker is to come back. */
    public int minInterval() {
        return rules.minInterval();
    }

    /** Whether the word of {@code address} about addresses is believed. */
    public boolean trusts(Address address) {
        return rules.trusted().contain(address);
    }
}
