package io.shoal.engine.dialing;

import io.shoal.engine.limits.EngineLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of one torrent that can be dialled, in the order in which they were added; those that only other peers have
 * named come last and have a bound of their own, because any peer may name anything. After each failure an address
 * waits {@link #RECONNECT}, multiplied by the number of its failures. After {@link #ATTEMPTS} failures it is exhausted:
 * it is dialled once more, after the same wait, each time that it is added again, because trackers name it as long as
 * it is alive.
 *
 * <p>An address whose handshake fails is dialled again at once in the alternative way, and what has worked is kept for the next time.
 *
 * <p>Invariant: an address is waiting, or exhausted, or was returned by {@link #next} or {@link #take} and not yet
 * given back, or is unknown. Confined to one loop.
 */
public final class Candidates {
    /** Failures after which an address is dialled only if it is added again. */
    static final int ATTEMPTS = 3;

    /** The shortest time from the end of a connection to the next dial: what other clients wait. */
    static final Duration RECONNECT = Duration.ofSeconds(60);

    static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

    /** The wait after a connection that this side ended through no fault of the peer. */
    private static final Duration SHORT_WAIT = Duration.ofSeconds(10);

    /** The origin of an address of which it is not known which tracker has named it. */
    public static final long UNKNOWN = 0;

    /** The origin of an address that another peer has named (BEP 11). */
    public static final long EXCHANGED = 1L << (Long.SIZE - 1);

    /** How many trackers may have bits of their own. */
    public static final int TRACKERS = Long.SIZE - 1;

    private final AtomicInteger ofEngine;
    private final SequencedMap<InetSocketAddress, Candidate> waiting = new LinkedHashMap<>();

    /** Those that wait and that only other peers have named, the oldest first. */
    private final SequencedMap<InetSocketAddress, Candidate> exchanged = new LinkedHashMap<>();

    /** The oldest first. */
    private final SequencedMap<InetSocketAddress, Candidate> exhausted = new LinkedHashMap<>();

    /** @param ofEngine counts the addresses of all torrents of the engine */
    public Candidates(AtomicInteger ofEngine) {
        this.ofEngine = ofEngine;
    }

    /** An address and its history. */
    public static final class Candidate {
        private final InetSocketAddress address;
        private int failures;
        private long notBefore;
        private long origins;
        private boolean alternative;
        private boolean triedBothWays;

        private Candidate(InetSocketAddress address, long notBefore) {
            this.address = address;
            this.notBefore = notBefore;
        }

        public InetSocketAddress address() {
            return address;
        }

        /** Returns the origins that have named it, as bits. */
        public long origins() {
            return origins;
        }

        /** Whether the handshake is not the one that is tried with an address of which nothing is known. */
        public boolean usesAlternative() {
            return alternative;
        }

        /** The handshake is complete: the next one is of the same kind. */
        public void handshakeSucceeded() {
            triedBothWays = false;
        }

        /** One more origin has named it. */
        public void addOrigin(long origin) {
            origins |= origin;
        }

        private boolean isOnlyExchanged() {
            return origins == EXCHANGED;
        }
    }

    /**
     * Adds an address; only notes its origin if it is waiting, and does nothing if there are too many.
     *
     * @param origin the bit of the tracker that has named it, {@link #EXCHANGED} or {@link #UNKNOWN}
     */
    public void add(InetSocketAddress address, long origin, long now) {
        if (address.getPort() <= 0 || address.isUnresolved()) {
            return;
        }
        Candidate known = waiting.get(address);
        if (known != null) {
            known.addOrigin(origin);
            return;
        }
        known = exchanged.remove(address);
        if (known == null) {
            known = exhausted.remove(address);
        }
        if (known == null) {
            known = new Candidate(address, now);
        } else {
            ofEngine.decrementAndGet();
        }
        known.addOrigin(origin);
        keepWaiting(known);
    }

    private SequencedMap<InetSocketAddress, Candidate> queueOf(Candidate candidate) {
        return candidate.isOnlyExchanged() ? exchanged : waiting;
    }

    /** Whether {@code address} waits to be dialled. */
    public boolean isWaiting(InetSocketAddress address) {
        return waiting.containsKey(address) || exchanged.containsKey(address);
    }

    /** Removes and returns the first that is due and that {@code allowed} accepts; null if there is none. */
    public @Nullable Candidate next(long now, Predicate<InetSocketAddress> allowed) {
        Candidate first = next(waiting, now, allowed);
        return first == null ? next(exchanged, now, allowed) : first;
    }

    private @Nullable Candidate next(
            Map<InetSocketAddress, Candidate> queue, long now, Predicate<InetSocketAddress> allowed) {
        for (Iterator<Candidate> each = queue.values().iterator(); each.hasNext(); ) {
            Candidate candidate = each.next();
            if (candidate.notBefore <= now && allowed.test(candidate.address)) {
                each.remove();
                ofEngine.decrementAndGet();
                return candidate;
            }
        }
        return null;
    }

    /** Removes and returns {@code address} with its history, or as new if it is unknown. */
    public Candidate take(InetSocketAddress address, long now) {
        Candidate known = waiting.remove(address);
        if (known == null) {
            known = exchanged.remove(address);
        }
        if (known == null) {
            known = exhausted.remove(address);
        }
        if (known == null) {
            return new Candidate(address, now);
        }
        ofEngine.decrementAndGet();
        return known;
    }

    /** The dial failed, or the connection was of no use, or it was worse: then it counts as several failures. */
    public void failed(Candidate candidate, int failures, long now) {
        candidate.failures += failures;
        candidate.notBefore = now + reconnectNanos(candidate.failures);
        if (candidate.failures < ATTEMPTS) {
            keepWaiting(candidate);
        } else {
            keep(candidate, exhausted);
        }
    }

    /**
     * The peer was reached and did not complete the handshake: it is the next of its queue to be dialled, in the other way, or has
     * failed in both.
     */
    public void handshakeFailed(Candidate candidate, long now) {
        candidate.alternative = !candidate.alternative;
        candidate.triedBothWays = !candidate.triedBothWays;
        if (!candidate.triedBothWays) {
            failed(candidate, 1, now);
            return;
        }
        candidate.notBefore = now;
        keepWaiting(candidate);
        SequencedMap<InetSocketAddress, Candidate> queue = queueOf(candidate);
        if (queue.get(candidate.address) == candidate) {
            queue.putFirst(candidate.address, candidate);
        }
    }

    /** A connection that was of use has ended: earlier failures are forgotten. */
    public void used(Candidate candidate, long now) {
        candidate.failures = 0;
        candidate.notBefore = now + RECONNECT.toNanos();
        keepWaiting(candidate);
    }

    /** This side has ended the connection through no fault of the peer. */
    public void interrupted(Candidate candidate, long now) {
        candidate.notBefore = now + SHORT_WAIT.toNanos();
        keepWaiting(candidate);
    }

    private static long reconnectNanos(int failures) {
        return Math.min(RECONNECT.toNanos() * failures, LONGEST_WAIT.toNanos());
    }

    private void keepWaiting(Candidate candidate) {
        if (!candidate.isOnlyExchanged()
                || exchanged.size() < EngineLimits.CANDIDATES_EXCHANGED
                        && ofEngine.get() < EngineLimits.CANDIDATES_EXCHANGED_PER_ENGINE) {
            keep(candidate, queueOf(candidate));
        }
    }

    private void keep(Candidate candidate, Map<InetSocketAddress, Candidate> where) {
        if (!isWaiting(candidate.address)
                && makeRoom(candidate.isOnlyExchanged())
                && where.put(candidate.address, candidate) == null) {
            ofEngine.incrementAndGet();
        }
    }

    /**
     * Whether there is room for one more address; the oldest exhausted one gives way, or the oldest that only other peers
     * have named, unless the new one is like it.
     */
    private boolean makeRoom(boolean isOnlyExchanged) {
        int kept = waiting.size() + exchanged.size() + exhausted.size();
        if (kept < EngineLimits.CANDIDATES_FLOOR
                || kept < EngineLimits.CANDIDATES && ofEngine.get() < EngineLimits.CANDIDATES_PER_ENGINE) {
            return true;
        }
        if (exhausted.pollFirstEntry() == null && (isOnlyExchanged || exchanged.pollFirstEntry() == null)) {
            return false;
        }
        ofEngine.decrementAndGet();
        return true;
    }

    /** Whether an address is due that {@code allowed} accepts. */
    public boolean anyDue(long now, Predicate<InetSocketAddress> allowed) {
        return anyDue(waiting, now, allowed) || anyDue(exchanged, now, allowed);
    }

    private static boolean anyDue(
            Map<InetSocketAddress, Candidate> queue, long now, Predicate<InetSocketAddress> allowed) {
        for (Candidate candidate : queue.values()) {
            if (candidate.notBefore <= now && allowed.test(candidate.address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code allowed} accepts any address, due now or later. */
    public boolean anyMatch(Predicate<InetSocketAddress> allowed) {
        return waiting.keySet().stream().anyMatch(allowed)
                || exchanged.keySet().stream().anyMatch(allowed);
    }

    public void clear() {
        ofEngine.addAndGet(-waiting.size() - exchanged.size() - exhausted.size());
        waiting.clear();
        exchanged.clear();
        exhausted.clear();
    }
}
