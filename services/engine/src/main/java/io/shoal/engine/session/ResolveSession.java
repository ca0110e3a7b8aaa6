package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.ResolveHandle.Stats;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.announce.AnnounceIdentity;
import io.shoal.engine.announce.AnnounceProgress;
import io.shoal.engine.announce.Announcer;
import io.shoal.engine.announce.TrackerState;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.metadata.MetadataFetch;
import io.shoal.engine.metadata.MetadataFetch.PeerRequest;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.HandshakeHandler;
import io.shoal.engine.peers.MetadataPeer;
import io.shoal.engine.session.ConnectionSlots.Ending;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A magnet in its swarm, until its info dictionary is fetched. Confined to its loop. */
final class ResolveSession implements AnnounceProgress {
    private static final Logger LOG = LoggerFactory.getLogger(ResolveSession.class);

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    /** The {@code left} that is announced. Not 0, or trackers would take this client for a seed and return no seeds. */
    private static final long LEFT = 16 << 10;

    private final EngineContext engine;
    private final Loop loop;
    private final GuardedLoop guardedLoop;
    private final ResolveSpec spec;
    private final Presence presence;
    private final Consumer<byte[]> resolved;
    private final Handshake handshake;
    private final ConnectionSlots slots;
    private final MetadataFetch<MetadataSource> fetch;
    private final Announcer announcer;

    private final Set<MetadataSource> sources = new LinkedHashSet<>();
    private final SequencedSet<InetAddress> liars = new LinkedHashSet<>();
    private boolean closed;
    private boolean delivered;
    private Loop.@Nullable Timer timer;
    private volatile Stats stats;

    ResolveSession(
            EngineContext engine,
            Loop loop,
            ResolveSpec spec,
            Presence presence,
            Siblings siblings,
            Consumer<byte[]> resolved,
            RandomGenerator random) {
        this.engine = engine;
        this.loop = loop;
        this.guardedLoop =
                new GuardedLoop(loop, cause -> LOG.error("The search for {} has a fault", spec.infoHash(), cause));
        this.spec = spec;
        this.presence = presence;
        this.resolved = resolved;
        this.handshake = new Handshake(spec.infoHash(), spec.peerId(), Capabilities.OURS);
        // The specification names no owner: all magnets share as one.
        this.slots = new ConnectionSlots(engine, loop, "", liars::contains, this::giveUpSeats, this::dial);
        this.fetch = new MetadataFetch<>(spec.infoHash(), engine.metadata());
        this.announcer = new Announcer(
                new AnnounceIdentity(
                        spec.infoHash(),
                        spec.peerId(),
                        spec.peerId().hashCode(),
                        presence.port(),
                        engine.config().announcedAddress()),
                spec.trackers(),
                spec.resumed().trackers().stream()
                        .map(state -> new TrackerState.Resumed(state.started(), state.nextAnnounce()))
                        .toList(),
                this,
                engine.trackers(),
                this::addTrackerPeers,
                tracker -> SessionAnnouncer.leavePortToSiblings(siblings, tracker),
                guardedLoop,
                random);
        this.stats = snapshot();
    }

    void open() {
        presence.setAccepting(true);
        announcer.start();
        addTrackerPeers(spec.peers());
        tick();
    }

    /** Its own trackers, or the magnet, named these addresses. The torrent may turn out to be private. */
    private void addTrackerPeers(List<InetSocketAddress> addresses) {
        presence.addNamed(addresses);
        addPeers(addresses);
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isStartedAt(tracker);
    }

    void reannounce(String tracker) {
        announcer.announceSoon(tracker);
    }

    void addPeers(List<InetSocketAddress> addresses) {
        if (!closed) {
            slots.addCandidates(addresses);
            dialMore();
        }
    }

    private void dialMore() {
        if (!closed) {
            slots.dial(EngineLimits.DIAL_BELOW);
            presence.setPeers(slots.inUse());
        }
    }

    Stats stats() {
        return stats;
    }

    void close(boolean announceStopped, CompletableFuture<Void> done) {
        if (closed) {
            done.complete(null);
            return;
        }
        leaveSwarm();
        if (announceStopped) {
            Loop.Timer timeout = loop.schedule(STOP_TIMEOUT, () -> done.complete(null));
            announcer.stop(() -> {
                timeout.cancel();
                done.complete(null);
            });
        } else {
            announcer.close();
            done.complete(null);
        }
    }

    private void leaveSwarm() {
        closed = true;
        presence.setAccepting(false);
        if (timer != null) {
            timer.cancel();
        }
        List.copyOf(sources).forEach(source -> source.peer.close("closed"));
        slots.close();
        fetch.close();
    }

    private void tick() {
        timer = guardedLoop.schedule(TICK, this::tick); // first, so that a fault ends one tick and not the search
        long now = loop.nanoTime();
        List.copyOf(sources).forEach(source -> source.peer.tick(now));
        requestMore();
        dialMore();
        if (slots.hasBecomeIsolated()) {
            announcer.announceSoon();
        }
        stats = snapshot();
    }

    private Stats snapshot() {
        List<MetadataSource> outsiders = sources.stream()
                .filter(source ->
                        !engine.config().fleet().test(source.peer.handshake().peerId()))
                .toList();
        return new Stats(
                outsiders.size(),
                (int) outsiders.stream().filter(source -> source.offers).count(),
                SessionAnnouncer.stats(announcer));
    }

    // ---- Peers

    private void dial(Candidate candidate) {
        HandshakeHandler.Listener outcome = new HandshakeHandler.Listener() {
            @Override
            public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                if (slots.dialSucceeded(candidate)) {
                    connection.moveTo(loop, new MetadataSource(theirs, candidate.address(), candidate, rest).peer);
                } else {
                    rest.release();
                    connection.close();
                    presence.setPeers(slots.inUse());
                }
            }

            @Override
            public void failed() {
                slots.dialFailed(candidate);
                dialMore();
            }
        };
        engine.network().connect(loop, candidate.address(), HandshakeHandler.outgoing(handshake, outcome));
    }

    /** Other torrents have less than their share of connections: closes those of no use, then the youngest. */
    private void giveUpSeats() {
        while (slots.owed() > 0 && !sources.isEmpty()) {
            MetadataSource last = sources.stream()
                    .min(Comparator.<MetadataSource>comparingInt(source -> source.offers ? 1 : 0)
                            .thenComparingLong(source -> -source.openedAt))
                    .orElseThrow();
            last.peer.close("its seat is needed");
        }
    }

    /** Returns the handler for a connection that must be moved to this loop; may be called on any. */
    ConnectionHandler incoming(Handshake theirs, InetSocketAddress address, ByteBuf rest, boolean answered) {
        MetadataPeer peer = new MetadataSource(theirs, address, null, rest).peer;
        if (answered) {
            peer.handshakeWasSent();
        }
        return peer;
    }

    /** A connected peer. */
    private final class MetadataSource implements MetadataPeer.Listener {
        final MetadataPeer peer;
        private final @Nullable Candidate candidate;
        private boolean hasSlot;
        boolean offers;
        private boolean answered;
        private long openedAt;

        /** Where an incoming peer accepts connections; null if unknown. */
        private @Nullable InetSocketAddress listenAddress;

        MetadataSource(Handshake theirs, InetSocketAddress address, @Nullable Candidate candidate, ByteBuf rest) {
            this.candidate = candidate;
            this.hasSlot = candidate != null;
            ExtendedHandshake extendedHandshake = new ExtendedHandshake(
                    ExtensionIds.ours(Set.of(Extension.METADATA)),
                    0,
                    presence.port(),
                    0,
                    TorrentSession.CLIENT,
                    null,
                    engine.addressesFor(address.getAddress()));
            this.peer = new MetadataPeer(
                    loop, handshake, theirs, address, candidate == null, rest, extendedHandshake, this);
        }

        @Override
        public void opened() {
            hasSlot = hasSlot || slots.acquire(peer.address().getAddress());
            openedAt = loop.nanoTime();
            Handshake theirs = peer.handshake();
            if (!hasSlot
                    || closed
                    || !theirs.infoHash().equals(spec.infoHash())
                    || theirs.peerId().equals(spec.peerId())) {
                peer.close("not wanted");
            } else if (!replacesDuplicates()) {
                peer.close(DuplicateConnection.REASON);
            } else {
                sources.add(this);
                presence.connected(theirs.peerId());
                giveUpSeats();
            }
            presence.setPeers(slots.inUse());
        }

        /** Closes an older connection to the same peer, or returns false if that one is kept. */
        private boolean replacesDuplicates() {
            for (MetadataSource other : List.copyOf(sources)) {
                PeerId theirs = other.peer.handshake().peerId();
                if (theirs.equals(peer.handshake().peerId())) {
                    if (!DuplicateConnection.replaces(
                            spec.peerId(),
                            theirs,
                            other.candidate == null,
                            candidate == null,
                            loop.nanoTime() - other.openedAt)) {
                        return false;
                    }
                    other.peer.close(DuplicateConnection.REASON);
                }
            }
            return true;
        }

        @Override
        public void listens(int port) {
            if (candidate == null && sources.contains(this)) {
                forgetListenAddress();
                listenAddress = new InetSocketAddress(peer.address().getAddress(), port);
                slots.connected(listenAddress);
            }
        }

        private void forgetListenAddress() {
            if (listenAddress != null) {
                slots.disconnected(listenAddress);
                listenAddress = null;
            }
        }

        @Override
        public void offered(int size) {
            offers = true;
            fetch.offered(this, size);
            requestMore();
        }

        @Override
        public void answered(MetadataMessage message) {
            answered = true;
            fetch.received(this, message, loop.nanoTime());
            for (MetadataSource liar : fetch.liars()) {
                liars.add(liar.peer.address().getAddress());
                if (liars.size() > EngineLimits.LIARS) {
                    liars.removeFirst();
                }
                liar.peer.close("lied");
            }
            requestMore();
        }

        @Override
        public void closed() {
            if (sources.remove(this)) {
                presence.disconnected(peer.handshake().peerId());
            }
            fetch.left(this);
            if (hasSlot) {
                if (candidate != null) {
                    slots.disconnected(candidate.address());
                }
                slots.release(peer.address().getAddress());
                InetSocketAddress listens = listenAddress;
                forgetListenAddress();
                slots.ended(candidate, listens, ending());
                presence.setPeers(slots.inUse());
            }
            requestMore();
        }

        private Ending ending() {
            if (closed) {
                return Ending.FINAL;
            }
            if (peer.brokeProtocol() || peer.handshake().peerId().equals(spec.peerId())) {
                return Ending.FAULT;
            }
            return answered ? Ending.USED : Ending.USELESS;
        }
    }

    /** Sends the next requests, or passes on the fetched info dictionary. */
    private void requestMore() {
        if (closed || delivered) {
            return;
        }
        byte[] info = fetch.info();
        if (info != null) {
            delivered = true;
            resolved.accept(info);
            return;
        }
        for (PeerRequest<MetadataSource> request : fetch.nextRequests(loop.nanoTime())) {
            request.peer().peer.request(request.request());
        }
    }

    // ---- Announced figures

    @Override
    public long uploaded() {
        return 0;
    }

    @Override
    public long downloaded() {
        return 0;
    }

    @Override
    public long left() {
        return LEFT;
    }

    @Override
    public boolean isPartialSeed() {
        return false;
    }

    @Override
    public PeerDemand peerDemand() {
        return delivered ? PeerDemand.NONE : PeerDemand.MANY;
    }

    @Override
    public boolean isIsolated() {
        return !delivered && sources.stream().noneMatch(source -> source.offers);
    }
}
