package io.shoal.engine.session;

import io.shoal.engine.dialing.Candidates;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which peers may be connected and which are dialled: counts the connections of one torrent, including those
 * being dialled, against the limits of the torrent, of each address, and of the engine.
 *
 * <p>Invariant: each acquired slot is released exactly once.
 */
final class ConnectionSlots {
    private final EngineContext engine;
    private final Loop loop;
    private final Predicate<InetAddress> isBanned;
    private final Candidates candidates = new Candidates();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Set<InetSocketAddress> dialled = new HashSet<>();

    /** Listen addresses of peers that were disconnected because neither side wanted anything, the oldest first. */
    private final SequencedSet<InetSocketAddress> idle = new LinkedHashSet<>();

    /** Whether, and how soon, a disconnected peer is dialled again. */
    enum Redial {
        /** As after one failure. */
        SOON,
        /** As after repeated failures: less and less often, then not until a tracker names it again. */
        RARELY,
        NEVER
    }

    private boolean isolated;
    private int inUse;
    private int dialing;

    ConnectionSlots(EngineContext engine, Loop loop, Predicate<InetAddress> isBanned) {
        this.engine = engine;
        this.loop = loop;
        this.isBanned = isBanned;
    }

    void addCandidates(List<InetSocketAddress> addresses) {
        for (InetSocketAddress address : addresses) {
            if (!dialled.contains(address) && !engine.isOwnAddress(address)) {
                candidates.add(address, loop.nanoTime());
            }
        }
    }

    /** Acquires a slot for a connection with {@code address}. @return false if there is none for it */
    boolean acquire(InetAddress address) {
        int same = perAddress.getOrDefault(address, 0);
        if (inUse >= EngineLimits.PEERS_PER_TORRENT
                || isBanned.test(address)
                || same >= EngineLimits.PEERS_PER_ADDRESS
                        && !engine.config().manyPerAddress().test(address)) {
            return false;
        }
        if (!acquireInEngine()) {
            return false;
        }
        perAddress.put(address, same + 1);
        inUse++;
        return true;
    }

    /**
     * Acquires a slot for another torrent of this engine, with its placeholder address. It counts for the engine only:
     * a torrent that is connected to siblings only must continue to search for peers.
     */
    boolean acquireForSibling(InetAddress address) {
        return !isBanned.test(address) && acquireInEngine();
    }

    void releaseForSibling() {
        engine.peers().decrementAndGet();
    }

    private boolean acquireInEngine() {
        if (engine.peers().incrementAndGet() > EngineLimits.PEERS_PER_ENGINE) {
            engine.peers().decrementAndGet();
            return false;
        }
        return true;
    }

    void release(InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        inUse--;
        engine.peers().decrementAndGet();
    }

    /** Dials the candidates that are due: {@code dial} receives the address with a slot acquired. */
    void dial(Consumer<Candidate> dial) {
        while (dialing < EngineLimits.DIALS_PER_TORRENT && inUse < EngineLimits.DIAL_BELOW && hasFreeSlotInEngine()) {
            Candidate candidate = candidates.next(loop.nanoTime(), this::acquireToDial);
            if (candidate == null) {
                return;
            }
            dialing++;
            dialled.add(candidate.address());
            dial.accept(candidate);
        }
    }

    /** Other torrents on other loops use up the engine's slots too: only an acquired slot is certain. */
    private boolean hasFreeSlotInEngine() {
        return engine.peers().get() < EngineLimits.PEERS_PER_ENGINE;
    }

    /**
     * Acquires the slot before the candidate is removed. A candidate without a free slot stays queued, and the search
     * continues behind it.
     */
    private boolean acquireToDial(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return engine.egress().allows(host) && !dialled.contains(address) && acquire(host);
    }

    /** A dialled connection is open. */
    void dialSucceeded() {
        dialing--;
    }

    /** A dial failed. Its slot is released. */
    void dialFailed(Candidate candidate) {
        dialing--;
        dialled.remove(candidate.address());
        release(candidate.address().getAddress());
        candidates.failed(candidate, loop.nanoTime());
    }

    /**
     * A peer has disconnected; its slot is released.
     *
     * @param candidate as which it was dialled, null for an incoming peer
     */
    void disconnected(InetAddress address, @Nullable Candidate candidate, Redial redial) {
        release(address);
        if (candidate == null) {
            return;
        }
        dialled.remove(candidate.address());
        switch (redial) {
            case SOON -> candidates.disconnected(candidate, loop.nanoTime());
            case RARELY -> candidates.failed(candidate, loop.nanoTime());
            case NEVER -> {}
        }
    }

    /** A disconnected peer that listens at {@code address} is not dialled until {@link #recallIdle}. */
    void rememberIdle(InetSocketAddress address) {
        idle.addLast(address);
        if (idle.size() > EngineLimits.IDLE_ADDRESSES) {
            idle.removeFirst();
        }
    }

    /** More is wanted: idle addresses become candidates again, except banned ones. */
    void recallIdle() {
        idle.removeIf(address -> isBanned.test(address.getAddress()));
        addCandidates(List.copyOf(idle));
        idle.clear();
    }

    /**
     * Whether the torrent has neither peers nor candidates, and this is new since the last call. The peers that
     * trackers returned are then used up; an announce at the tracker's minimum is due, because the interval is long.
     */
    boolean hasBecomeIsolated() {
        boolean before = isolated;
        isolated = inUse == 0 && !candidates.anyMatch(address -> isAllowed(address.getAddress()));
        return isolated && !before;
    }

    private boolean isAllowed(InetAddress host) {
        return engine.egress().allows(host) && !isBanned.test(host);
    }

    int inUse() {
        return inUse;
    }

    void clearCandidates() {
        candidates.clear();
        idle.clear();
    }
}
