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
 * Addresses of one torrent that might be connected to, in the order in which they were heard of. One that fails waits, twice
 * as long each time, and is forgotten after {@link #ATTEMPTS}: trackers will name it again if it lives. Confined to one loop.
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

    /** Notes an address that was heard of; does nothing if it is known, or if there are too many. */
    public void add(InetSocketAddress address, long now) {
        if (waiting.size() < EngineLimits.CANDIDATES && address.getPort() > 0 && !address.isUnresolved()) {
            waiting.putIfAbsent(address, new Candidate(address, now));
        }
    }

    /** Takes the first whose time has come and that {@code allowed} accepts; null if there is none. */
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

    /** It could not be connected to, or did not want us: it waits its turn again. */
    public void failed(Candidate candidate, long now) {
        candidate.failures++;
        if (candidate.failures < ATTEMPTS && waiting.size() < EngineLimits.CANDIDATES) {
            long wait = Math.min(FIRST_WAIT.toNanos() << candidate.failures - 1, LONGEST_WAIT.toNanos());
            candidate.notBefore = now + wait;
            waiting.putIfAbsent(candidate.address, candidate);
        }
    }

    /** It was connected, and is not any more: it may be tried again like one that failed once. */
    public void disconnected(Candidate candidate, long now) {
        candidate.failures = 0;
        failed(candidate, now);
    }

    /** Whether there is one that {@code allowed} accepts, now or when its time comes. */
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
