package io.shoal.tracker.announce;

import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.admission.Admission;
import io.shoal.tracker.admission.Member;
import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.admission.Verdict;
import io.shoal.tracker.limits.RateLimit;
import io.shoal.tracker.members.AnnounceOutcome;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Prefetch;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.Swarms;
import io.shoal.tracker.waiting.WaitingPlaces;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The common entry of HTTP and UDP: applies the policy to a request, then asks the swarms. Thread-safe. */
public final class Tracker {
    /** A tenth is enough to spread askers that came together, and no interval passes the one that was configured. */
    private static final int JITTER = 10;

    private static final Refusal PORT = Refusal.permanent("invalid port");
    private static final Refusal PRIVATE_ADDRESS = Refusal.permanent("private address");
    private static final Refusal NO_PEER_ADDRESS = Refusal.permanent("invalid ip");
    private static final Refusal LOCATIONS = Refusal.temporary("too many locations", 300);

    private final Swarms swarms;
    private final Members members;
    private final Admission admission;
    private final WaitingPlaces places;
    private final RateLimit limit;
    private final Rules rules;
    private final LongSupplier clock;
    private final Supplier<? extends RandomGenerator> random;
    private final Refusal tooManyRequests;

    /**
     * @param clock milliseconds that never run backwards
     * @param random a generator that the calling thread may use
     */
    public Tracker(
            Swarms swarms,
            Members members,
            Admission admission,
            WaitingPlaces places,
            RateLimit limit,
            Rules rules,
            LongSupplier clock,
            Supplier<? extends RandomGenerator> random) {
        this.swarms = swarms;
        this.members = members;
        this.admission = admission;
        this.places = places;
        this.limit = limit;
        this.tooManyRequests = Refusal.forMinutes("too many requests", limit.retryMinutes());
        this.rules = rules;
        this.clock = clock;
        this.random = random;
    }

    /** Fills {@code reply}, or returns the refusal; a refused announce does not reach the swarms. */
    public @Nullable Refusal announce(Request request, Reply reply) {
        boolean stopped = request.event() == Event.STOPPED;
        if (request.port() == 0 && !stopped) {
            return PORT;
        }
        Address address = request.claimed() != null && trusts(request.source()) ? request.claimed() : request.source();
        if (!address.isUnicast()) {
            return NO_PEER_ADDRESS;
        }
        if (!rules.privateSources() && address.isPrivate()) {
            return PRIVATE_ADDRESS;
        }
        Verdict verdict = admission.verdict(request.torrent(), request.passkey());
        if (verdict instanceof Refusal refusal) {
            return refusal;
        }
        int asked = request.wanted() < 0 ? Rules.WANTED : request.wanted();
        int wanted = stopped ? 0 : Math.min(asked, Math.min(request.most(), Rules.WANTED_MOST));
        Announce announce = new Announce(
                request.torrent(),
                address,
                request.port(),
                request.peer().fingerprint(),
                request.uploaded(),
                request.downloaded(),
                request.left(),
                request.event(),
                wanted,
                request.bothFamilies(),
                clock.getAsLong());
        if (verdict instanceof Member member) {
            AnnounceOutcome outcome = members.announce(member, request.peer(), announce, reply);
            return outcome == AnnounceOutcome.TOO_MANY_LOCATIONS ? LOCATIONS : null;
        }
        swarms.announce(announce, reply);
        return null;
    }

    /**
     * Decides about an announce that was refused: one whose registration may be on its way waits, if there is a place. The
     * admission rules are asked once more after the place was taken, because a registration that arrived earlier has woken nothing.
     *
     * @param wake is called by another thread when a {@link PendingAnnounce} is worth a retry; must return at once
     */
    public Deferral defer(Request request, Refusal refusal, Reply reply, Runnable wake) {
        if (refusal.kind() != Refusal.Kind.AWAITED || request.event() == Event.STOPPED || !places.isEnabled()) {
            return new Deferral.Refused(refusal);
        }
        WaitingPlaces.Place place = places.take(request.torrent(), request.passkey(), request.source(), wake);
        return place == null
                ? new Deferral.Refused(refusal.withoutWaiting())
                : new PendingAnnounce(this, request, place).retry(reply);
    }

    /** For a thread that announces many at once. */
    public Prefetch prefetch() {
        return swarms.prefetch();
    }

    /** The swarm of {@code key} in numbers: zeros for one that is not served to the user of {@code passkey}. */
    public Scrape scrape(SwarmKey key, @Nullable PasskeyHash passkey) {
        return switch (admission.verdict(key, passkey)) {
            case Verdict.Public _ -> swarms.scrape(key);
            case Member member -> members.scrape(member, key);
            case Refusal _ -> Scrape.NOTHING;
        };
    }

    /** The refusal for {@code source} if it exceeds its rate, else null. Called once for each request. */
    public @Nullable Refusal refuses(Address source) {
        return trusts(source) || limit.admits(source, clock.getAsLong()) ? null : tooManyRequests;
    }

    /** Why {@code passkey} is of no use; null if it is. */
    public @Nullable Refusal refuses(@Nullable PasskeyHash passkey) {
        return passkey == null || admission.knows(passkey) ? null : Refusal.PASSKEY;
    }

    /** Returns the seconds after which this client must announce again: the configured interval or up to a tenth less. */
    public int interval() {
        int spread = Math.min(rules.interval() / JITTER, rules.interval() - rules.minInterval());
        return rules.interval() - (spread > 0 ? random.get().nextInt(spread + 1) : 0);
    }

    /**
     * Returns the seconds after which a refused client must announce again: never later than a served one if that may change the
     * refusal.
     */
    public int interval(Refusal refusal) {
        return refusal.kind() == Refusal.Kind.PERMANENT
                ? refusal.interval()
                : Math.min(refusal.interval(), rules.interval());
    }

    /** Returns the seconds before which a refused client must not announce again. */
    public int minInterval(Refusal refusal) {
        return Math.min(refusal.minInterval(), interval(refusal));
    }

    /** Returns the seconds before which no client may announce again. */
    public int minInterval() {
        return rules.minInterval();
    }

    /** Returns whether {@code address} may state another address by {@code ip=}. */
    public boolean trusts(Address address) {
        return rules.trusted().contain(address) && !rules.proxies().contain(address);
    }

    /** Returns whether {@code address} is that of an HTTP proxy, whose X-Forwarded-For names the client. */
    public boolean isProxy(Address address) {
        return rules.proxies().contain(address);
    }
}
