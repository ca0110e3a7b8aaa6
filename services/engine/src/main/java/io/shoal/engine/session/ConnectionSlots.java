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
 * Who may be connected, and whom to dial: counts the connections of one torrent, those being dialled included, against the
 * limits of the torrent, of each address, and of the engine.
 *
 * <p>Invariant: each seat that was taken is given back exactly once.
 */
final class ConnectionSlots {
    private final EngineContext engine;
    private final Loop loop;
    private final Predicate<InetAddress> isBanned;
    private final Candidates candidates = new Candidates();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Set<InetSocketAddress> dialled = new HashSet<>();

    /** Where those listen who were let go because neither side wanted anything, the oldest first. */
    private final SequencedSet<InetSocketAddress> idle = new LinkedHashSet<>();

    /** Whether, and how soon, a peer that is gone is dialled again. */
    enum Redial {
        /** Like one that failed once. */
        SOON,
        /** Like one that fails each time: later and later, then not until it is named again. */
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

    /** Takes a seat for a connection with {@code address}. @return false if there is none for it */
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
     * Takes a seat for another torrent of this engine, with the address that stands for it. It counts for the engine alone:
     * a torrent that is connected with siblings only must go on to look for peers.
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

    /** Dials whoever is to be dialled now: {@code dial} gets the address with a seat taken. */
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

    /** Other torrents fill the engine too, on loops of their own: only a seat that is taken is sure. */
    private boolean hasFreeSlotInEngine() {
        return engine.peers().get() < EngineLimits.PEERS_PER_ENGINE;
    }

    /** The seat comes before the candidate: who finds none stays a candidate, and keeps nobody behind it waiting. */
    private boolean acquireToDial(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return engine.egress().allows(host) && !dialled.contains(address) && acquire(host);
    }

    /** What was dialled is connected. */
    void dialSucceeded() {
        dialing--;
    }

    /** What was dialled could not be connected. Its seat is free. */
    void dialFailed(Candidate candidate) {
        dialing--;
        dialled.remove(candidate.address());
        release(candidate.address().getAddress());
        candidates.failed(candidate, loop.nanoTime());
    }

    /**
     * A peer is gone; its seat is free.
     *
     * @param candidate what it was dialled as, null if it came by itself
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

    /** A peer that is gone, and listens at {@code address}, is not to be dialled until {@link #recallIdle}. */
    void rememberIdle(InetSocketAddress address) {
        idle.addLast(address);
        if (idle.size() > EngineLimits.IDLE_ADDRESSES) {
            idle.removeFirst();
        }
    }

    /** More is wanted: those who were let go are heard of again, but for the banned. */
    void recallIdle() {
        idle.removeIf(address -> isBanned.test(address.getAddress()));
        addCandidates(List.copyOf(idle));
        idle.clear();
    }

    /**
     * Whether there is nobody, and nobody whom it will dial, and this is new since it was last asked: what trackers told is used
     * up then, and their interval is long, their minimum is not.
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
