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
    private final EngineContext surroundings;
    private final Loop loop;
    private final Predicate<InetAddress> isBanned;
    private final Candidates candidates = new Candidates();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Set<InetSocketAddress> dialled = new HashSet<>();

    /** Where those listen who were let go because neither side wanted anything, the oldest first. */
    private final SequencedSet<InetSocketAddress> letGo = new LinkedHashSet<>();

    /** Whether, and how soon, a peer that is gone is dialled again. */
    enum Redial {
        /** Like one that failed once. */
        SOON,
        /** Like one that fails each time: later and later, then not until it is named again. */
        RARELY,
        NEVER
    }

    private boolean forsaken;
    private int seats;
    private int dialing;

    ConnectionSlots(EngineContext surroundings, Loop loop, Predicate<InetAddress> isBanned) {
        this.surroundings = surroundings;
        this.loop = loop;
        this.isBanned = isBanned;
    }

    void heard(List<InetSocketAddress> addresses) {
        for (InetSocketAddress address : addresses) {
            if (!dialled.contains(address) && !surroundings.isOurs(address)) {
                candidates.heard(address, loop.nanoTime());
            }
        }
    }

    /** Takes a seat for a connection with {@code address}. @return false if there is none for it */
    boolean takeSeat(InetAddress address) {
        int same = perAddress.getOrDefault(address, 0);
        if (seats >= EngineLimits.PEERS_PER_TORRENT
                || isBanned.test(address)
                || same >= EngineLimits.PEERS_PER_ADDRESS
                        && !surroundings.config().manyPerAddress().test(address)) {
            return false;
        }
        if (!takeSeatInEngine()) {
            return false;
        }
        perAddress.put(address, same + 1);
        seats++;
        return true;
    }

    /**
     * Takes a seat for another torrent of this engine, with the address that stands for it. It counts for the engine alone:
     * a torrent that is connected with siblings only must go on to look for peers.
     */
    boolean takeSiblingSeat(InetAddress address) {
        return !isBanned.test(address) && takeSeatInEngine();
    }

    void leaveSiblingSeat() {
        surroundings.peers().decrementAndGet();
    }

    private boolean takeSeatInEngine() {
        if (surroundings.peers().incrementAndGet() > EngineLimits.PEERS_PER_ENGINE) {
            surroundings.peers().decrementAndGet();
            return false;
        }
        return true;
    }

    void leaveSeat(InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        seats--;
        surroundings.peers().decrementAndGet();
    }

    /** Dials whoever is to be dialled now: {@code dial} gets the address with a seat taken. */
    void dial(Consumer<Candidate> dial) {
        while (dialing < EngineLimits.DIALS_PER_TORRENT && seats < EngineLimits.DIAL_BELOW && engineHasRoom()) {
            Candidate candidate = candidates.next(loop.nanoTime(), this::takeSeatToDial);
            if (candidate == null) {
                return;
            }
            dialing++;
            dialled.add(candidate.address());
            dial.accept(candidate);
        }
    }

    /** Other torrents fill the engine too, on loops of their own: only a seat that is taken is sure. */
    private boolean engineHasRoom() {
        return surroundings.peers().get() < EngineLimits.PEERS_PER_ENGINE;
    }

    /** The seat comes before the candidate: who finds none stays a candidate, and keeps nobody behind it waiting. */
    private boolean takeSeatToDial(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return surroundings.egress().allows(host) && !dialled.contains(address) && takeSeat(host);
    }

    /** What was dialled is connected. */
    void connected() {
        dialing--;
    }

    /** What was dialled could not be connected. Its seat is free. */
    void notConnected(Candidate candidate) {
        dialing--;
        dialled.remove(candidate.address());
        leaveSeat(candidate.address().getAddress());
        candidates.failed(candidate, loop.nanoTime());
    }

    /**
     * A peer is gone; its seat is free.
     *
     * @param candidate what it was dialled as, null if it came by itself
     */
    void left(InetAddress address, @Nullable Candidate candidate, Redial again) {
        leaveSeat(address);
        if (candidate == null) {
            return;
        }
        dialled.remove(candidate.address());
        switch (again) {
            case SOON -> candidates.lost(candidate, loop.nanoTime());
            case RARELY -> candidates.failed(candidate, loop.nanoTime());
            case NEVER -> {}
        }
    }

    /** A peer that is gone, and listens at {@code address}, is not to be dialled until {@link #recall}. */
    void letGo(InetSocketAddress address) {
        letGo.addLast(address);
        if (letGo.size() > EngineLimits.LET_GO) {
            letGo.removeFirst();
        }
    }

    /** More is wanted: those who were let go are heard of again, but for the banned. */
    void recall() {
        letGo.removeIf(address -> isBanned.test(address.getAddress()));
        heard(List.copyOf(letGo));
        letGo.clear();
    }

    /**
     * Whether there is nobody, and nobody whom it will dial, and this is new since it was last asked: what trackers told is used
     * up then, and their interval is long, their minimum is not.
     */
    boolean hasBecomeForsaken() {
        boolean before = forsaken;
        forsaken = seats == 0 && !candidates.any(address -> isAllowed(address.getAddress()));
        return forsaken && !before;
    }

    private boolean isAllowed(InetAddress host) {
        return surroundings.egress().allows(host) && !isBanned.test(host);
    }

    int seats() {
        return seats;
    }

    void forgetCandidates() {
        candidates.clear();
        letGo.clear();
    }
}
