package io.shoal.engine.session;

import io.shoal.engine.dialing.Candidates;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.dialing.DialPace;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.Seats;
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
final class ConnectionSlots implements DialPace.Dialler {
    private final EngineContext engine;
    private final Loop loop;
    private final Predicate<InetAddress> isBanned;
    private final Consumer<Candidate> connect;
    private final String owner;
    private final Seats.Share seats;
    private final Candidates candidates;
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
    private int dialBelow;

    /**
     * @param owner of the torrent: owners share the engine's connections and dials equally
     * @param giveUp called on the loop when another torrent needs connections; see {@link #owed}
     * @param connect connects to an address, for which a slot is acquired
     */
    ConnectionSlots(
            EngineContext engine,
            Loop loop,
            String owner,
            Predicate<InetAddress> isBanned,
            Runnable giveUp,
            Consumer<Candidate> connect) {
        this.engine = engine;
        this.loop = loop;
        this.owner = owner;
        this.isBanned = isBanned;
        this.connect = connect;
        this.seats = engine.seats().join(owner, loop, giveUp);
        this.candidates = new Candidates(engine.candidates());
    }

    void addCandidates(List<InetSocketAddress> addresses) {
        for (InetSocketAddress address : addresses) {
            if (!connected.containsKey(address) && !engine.isOwnAddress(address)) {
                candidates.add(address, loop.nanoTime());
            }
        }
    }

    /** Acquires a slot for an open connection with {@code address}. @return false if there is none for it */
    boolean acquire(InetAddress address) {
        if (!hasRoomFor(address, EngineLimits.PEERS_PER_TORRENT) || !seats.tryTake()) {
            return false;
        }
        count(address);
        return true;
    }

    private boolean hasRoomFor(InetAddress address, int limit) {
        return inUse < limit
                && !isBanned.test(address)
                && (perAddress.getOrDefault(address, 0) < EngineLimits.PEERS_PER_ADDRESS
                        || engine.config().manyPerAddress().test(address));
    }

    private void count(InetAddress address) {
        perAddress.merge(address, 1, Integer::sum);
        inUse++;
    }

    private void uncount(InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        inUse--;
    }

    /**
     * Acquires a slot for another torrent of this engine, with its placeholder address. It counts for the engine only:
     * a torrent that is connected to siblings only must continue to search for peers.
     */
    boolean acquireForSibling(InetAddress address) {
        return !isBanned.test(address) && seats.tryTake();
    }

    void releaseForSibling() {
        seats.release();
    }

    void release(InetAddress address) {
        uncount(address);
        seats.release();
    }

    /** How many connections the torrent must close in favour of others that have less than their share. */
    int owed() {
        return seats.owed();
    }

    /** The torrent leaves. Slots in use are still released one by one. */
    void close() {
        clearCandidates();
        seats.close();
    }

    // ---- Dialling

    /**
     * Dials the candidates that are due, as the pace of the engine allows, until the torrent has {@code below} peers.
     */
    void dial(int below) {
        dialBelow = below;
        if (canDial() && candidates.anyDue(loop.nanoTime(), this::mayDial)) {
            engine.pace().request(this);
        }
    }

    private boolean canDial() {
        return dialing < EngineLimits.DIALS_PER_TORRENT && inUse < dialBelow && seats.mayTake(dialing);
    }

    /** Whether {@code address} may be dialled now. One that may not stays a candidate, and blocks no other. */
    private boolean mayDial(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return engine.egress().allows(host) && !connected.containsKey(address) && hasRoomFor(host, dialBelow);
    }

    @Override
    public String owner() {
        return owner;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean dial() {
        Candidate candidate = canDial() ? candidates.next(loop.nanoTime(), this::mayDial) : null;
        if (candidate == null) {
            return false;
        }
        dialing++;
        count(candidate.address().getAddress());
        connected(candidate.address());
        connect.accept(candidate);
        return true;
    }

    /**
     * A dialled connection is open. @return whether it has a slot now; otherwise it must be closed, and {@link #ended}
     * must not be called
     */
    boolean dialSucceeded(Candidate candidate) {
        dialing--;
        engine.pace().ended();
        if (seats.tryTake()) {
            return true;
        }
        uncount(candidate.address().getAddress());
        disconnected(candidate.address());
        candidates.interrupted(candidate, loop.nanoTime());
        return false;
    }

    /** A dial failed. Its slot is released. */
    void dialFailed(Candidate candidate) {
        dialing--;
        engine.pace().ended();
        uncount(candidate.address().getAddress());
        disconnected(candidate.address());
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
