package io.shoal.engine.session;

import io.shoal.engine.dialing.Candidates;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
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

    /**
     * Addresses that must not be dialled now: those being dialled, and those at which connected peers listen, by the
     * number of such connections.
     */
    private final Map<InetSocketAddress, Integer> connected = new HashMap<>();

    /** Listen addresses of peers that were disconnected because neither side wanted anything, the oldest first. */
    private final SequencedSet<InetSocketAddress> idle = new LinkedHashSet<>();

    /** What became of a connection, which decides when its address is dialled again. */
    enum Ending {
        /** Payload flowed, or it lasted long. */
        USED(0),
        /** It was of no use. */
        USELESS(1),
        /** The peer broke the protocol, or is this torrent itself. */
        FAULT(3),
        /** This side closed it through no fault of the peer. */
        INTERRUPTED(0),
        /** Neither side wants anything, or the torrent has stopped: the address is not dialled again. */
        FINAL(0);

        private final int failures;

        Ending(int failures) {
            this.failures = failures;
        }
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
            if (!connected.containsKey(address) && !engine.isOwnAddress(address)) {
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
            connected(candidate.address());
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
        return engine.egress().allows(host) && !connected.containsKey(address) && acquire(host);
    }

    /** A dialled connection is open. */
    void dialSucceeded() {
        dialing--;
    }

    /** A dial failed. Its slot is released. */
    void dialFailed(Candidate candidate) {
        dialing--;
        disconnected(candidate.address());
        release(candidate.address().getAddress());
        candidates.failed(candidate, 1, loop.nanoTime());
    }

    /** A connected peer listens at {@code address}: it is not dialled until {@link #disconnected}. */
    void connected(InetSocketAddress address) {
        connected.merge(address, 1, Integer::sum);
    }

    /** A peer that listens at {@code address} has disconnected, or listens elsewhere. */
    void disconnected(InetSocketAddress address) {
        connected.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
    }

    /**
     * A connection has ended: decides when its address is dialled again.
     *
     * @param candidate as which it was dialled, null for an incoming peer
     * @param listenAddress where an incoming peer listens, null if that is unknown
     */
    void ended(@Nullable Candidate candidate, @Nullable InetSocketAddress listenAddress, Ending ending) {
        long now = loop.nanoTime();
        Candidate ended = candidate;
        if (ended == null) {
            if (listenAddress == null || connected.containsKey(listenAddress)) {
                return; // unknown, or connected by another connection
            }
            ended = candidates.take(listenAddress, now);
        }
        switch (ending) {
            case USED -> candidates.used(ended, now);
            case INTERRUPTED -> candidates.interrupted(ended, now);
            case USELESS, FAULT -> candidates.failed(ended, ending.failures, now);
            case FINAL -> {}
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
