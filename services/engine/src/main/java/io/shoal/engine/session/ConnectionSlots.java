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
import java.util.Objects;
import java.util.SequencedSet;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which peers may be connected and which are dialled: counts the connections of one torrent, including those
 * being dialled, against the limits of the torrent, of each address, and of the engine.
 *
 * <p>Invariant: each acquired slot is released exactly once.
 */
final class ConnectionSlots implements DialPace.Dialler, Dialer.Outcome {
    private final EngineContext engine;
    private final GuardedLoop loop;
    private final String owner;
    private final Presence presence;
    private final Predicate<InetAddress> isBanned;
    private final IntSupplier dialBelow;
    private final BooleanSupplier closeLeastUseful;
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

    private @Nullable Connector connector;
    private boolean isolated;
    private int inUse;
    private int dialing;

    /** Connects to addresses, for each of which a slot is acquired. */
    @FunctionalInterface
    interface Connector {
        void connect(Candidate candidate, Dialer.Outcome outcome);
    }

    /**
     * @param owner of the torrent: owners share the engine's connections and dials equally
     * @param presence which is told how many peers the torrent has
     * @param dialBelow returns with how many peers the torrent dials no more; 0 if it must not dial
     * @param closeLeastUseful closes a connection that another torrent needs more; returns false if there is none
     */
    ConnectionSlots(
            EngineContext engine,
            GuardedLoop loop,
            String owner,
            Presence presence,
            Predicate<InetAddress> isBanned,
            IntSupplier dialBelow,
            BooleanSupplier closeLeastUseful) {
        this.engine = engine;
        this.loop = loop;
        this.owner = owner;
        this.presence = presence;
        this.isBanned = isBanned;
        this.dialBelow = dialBelow;
        this.closeLeastUseful = closeLeastUseful;
        this.seats = engine.seats().join(owner, loop, this::giveUpSeats);
        this.candidates = new Candidates(engine.candidates());
    }

    /** Sets what connects. Called once, before anything is dialled: those that are connected need these slots. */
    void connectWith(Connector with) {
        connector = with;
    }

    void addCandidates(List<InetSocketAddress> addresses) {
        addCandidates(addresses, Candidates.UNKNOWN);
    }

    /** @param origin as in {@link Candidates#add} */
    void addCandidates(List<InetSocketAddress> addresses, long origin) {
        for (InetSocketAddress address : addresses) {
            if (!connected.containsKey(address) && !engine.isOwnAddress(address)) {
                candidates.add(address, origin, loop.nanoTime());
            }
        }
    }

    /** Whether {@code address} may be dialled and is new: it does not wait to be dialled, and is not connected or idle. */
    boolean isNewCandidate(InetSocketAddress address) {
        return isAllowed(address.getAddress())
                && !engine.isOwnAddress(address)
                && !isCandidate(address)
                && !idle.contains(address);
    }

    /** Whether {@code address} waits to be dialled, is being dialled or is connected. */
    boolean isCandidate(InetSocketAddress address) {
        return connected.containsKey(address) || candidates.isWaiting(address);
    }

    boolean isBanned(InetAddress address) {
        return isBanned.test(address);
    }

    /** Acquires a slot for an open connection with {@code address}. @return false if there is none for it */
    boolean acquire(InetAddress address) {
        if (!hasRoomFor(address, EngineLimits.PEERS_PER_TORRENT) || !seats.tryTake()) {
            publish(); // it was expected
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
        publish();
    }

    private void uncount(InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        inUse--;
        publish();
    }

    /** Tells the torrent's presence how many peers it has, without those that were expected and have not arrived. */
    void publish() {
        presence.setPeers(inUse);
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

    /** Closes connections in favour of other torrents that have less than their share. */
    void giveUpSeats() {
        while (seats.owed() > 0 && closeLeastUseful.getAsBoolean()) {
            // each that is closed has released its seat
        }
    }

    /** The torrent leaves. Slots in use are still released one by one. */
    void close() {
        clearCandidates();
        seats.close();
    }

    // ---- Dialling

    /** Dials the candidates that are due, as the pace of the engine allows, until the torrent has enough peers. */
    void dialMore() {
        publish();
        if (canDial() && candidates.anyDue(loop.nanoTime(), this::mayDial)) {
            engine.pace().request(this);
        }
    }

    private boolean canDial() {
        return dialing < EngineLimits.DIALS_PER_TORRENT && inUse < dialBelow.getAsInt() && seats.mayTake(dialing);
    }

    /** Whether {@code address} may be dialled now. One that may not stays a candidate, and blocks no other. */
    private boolean mayDial(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return engine.egress().allows(host)
                && !connected.containsKey(address)
                && hasRoomFor(host, dialBelow.getAsInt());
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
        Objects.requireNonNull(connector, "it is set before candidates are added")
                .connect(candidate, this);
        return true;
    }

    /** Returns whether it has a slot now; otherwise {@link #ended} must not be called. */
    @Override
    public boolean dialSucceeded(Candidate candidate) {
        candidate.handshakeSucceeded();
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

    /** Its slot is released. A peer that has not completed the handshake is dialled again soon, in the other way. */
    @Override
    public void dialFailed(Candidate candidate, boolean wasOpen) {
        dialing--;
        engine.pace().ended();
        uncount(candidate.address().getAddress());
        disconnected(candidate.address());
        if (wasOpen && engine.config().encryption().hasAlternative()) {
            candidates.handshakeFailed(candidate, loop.nanoTime());
        } else {
            candidates.failed(candidate, 1, loop.nanoTime());
        }
        dialMore();
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
            case USELESS, FAULT -> candidates.failed(ended, ending.failures(), now);
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

    void clearCandidates() {
        candidates.clear();
        idle.clear();
    }
}
