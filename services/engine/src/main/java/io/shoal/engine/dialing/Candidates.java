package io.shoal.engine.dialing;

import io.shoal.engine.limits.EngineLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of one torrent that can be dialled, in the order in which they were added. An address that fails waits,
 * twice as long each time, and is removed after {@link #ATTEMPTS}: trackers name it again if it is alive. Confined to
 * one loop.
 */
public final class Candidates {
    static final int ATTEMPTS = 6;
    static final Duration FIRST_WAIT = Duration.ofSeconds(10);
    static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Map<InetSocketAddress, Candidate> waiting = new LinkedHashMap<>();

    /** An address and its history. */
    public static final class Candidate {
        private final InetSocketAddress address;
        private int failures;
        private long notBefore;

        private Candidate(InetSocketAddress address, long notBefore) {
            this.address = address;
            this.notBefore = notBefore;
        }

        public InetSocketAddress address() {
            return address;
        }
    }

    /** Adds an address; does nothing if it is known, or if there are too many. */
    public void add(InetSocketAddress address, long now) {
        if (waiting.size() < EngineLimits.CANDIDATES && address.getPort() > 0 && !address.isUnresolved()) {
            waiting.putIfAbsent(address, new Candidate(address, now));
        }
    }

    /** Removes and returns the first that is due and that {@code allowed} accepts; null if there is none. */
    public @Nullable Candidate next(long now, Predicate<InetSocketAddress> allowed) {
        for (Iterator<Candidate> each = waiting.values().iterator(); each.hasNext(); ) {
            Candidate candidate = each.next();
            if (candidate.notBefore <= now && allowed.test(candidate.address)) {
                each.remove();
                return candidate;
            }
        }
        return null;
    }

    /** The dial failed, or the peer closed the connection: the address waits before it is dialled again. */
    public void failed(Candidate candidate, long now) {
        candidate.failures++;
        if (candidate.failures < ATTEMPTS && waiting.size() < EngineLimits.CANDIDATES) {
            long wait = Math.min(FIRST_WAIT.toNanos() << candidate.failures - 1, LONGEST_WAIT.toNanos());
            candidate.notBefore = now + wait;
            waiting.putIfAbsent(candidate.address, candidate);
        }
    }

    /** The connection was lost: the address is dialled again like one that failed once. */
    public void disconnected(Candidate candidate, long now) {
        candidate.failures = 0;
        failed(candidate, now);
    }

    /** Whether {@code allowed} accepts any address, due now or later. */
    public boolean anyMatch(Predicate<InetSocketAddress> allowed) {
        for (InetSocketAddress address : waiting.keySet()) {
            if (allowed.test(address)) {
                return true;
            }
        }
        return false;
    }

    public int size() {
        return waiting.size();
    }

    public void clear() {
        waiting.clear();
    }
}
