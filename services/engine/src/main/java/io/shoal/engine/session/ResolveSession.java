package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtendedHandshake;
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
import io.shoal.engine.peers.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A magnet in its swarm, until its info dictionary is here. Confined to its loop. */
final class ResolveSession implements AnnounceProgress {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** What trackers are told is left: not nothing, or they would take us for a seed and give us no seeds. */
    private static final long LEFT = 16 << 10;

    private final EngineContext surroundings;
    private final Loop loop;
    private final ResolveSpec spec;
    private final Presence presence;
    private final Consumer<byte[]> resolved;
    private final Handshake handshake;
    private final ConnectionSlots crowd;
    private final MetadataFetch<MetadataSource> fetch;
    private final Announcer announcer;

    private final Set<MetadataSource> sources = new LinkedHashSet<>();
    private final SequencedSet<InetAddress> liars = new LinkedHashSet<>();
    private boolean closed;
    private boolean told;
    private Loop.@Nullable Timer timer;
    private volatile Stats stats;

    ResolveSession(
            EngineContext surroundings,
            Loop loop,
            ResolveSpec spec,
            Presence presence,
            Siblings siblings,
            Consumer<byte[]> resolved,
            RandomGenerator random) {
        this.surroundings = surroundings;
        this.loop = loop;
        this.spec = spec;
        this.presence = presence;
        this.resolved = resolved;
        this.handshake = new Handshake(spec.infoHash(), spec.peerId(), true);
        this.crowd = new ConnectionSlots(surroundings, loop, liars::contains);
        this.fetch = new MetadataFetch<>(spec.infoHash(), surroundings.metadata());
        this.announcer = new Announcer(
                new AnnounceIdentity(
                        spec.infoHash(),
                        spec.peerId(),
                        spec.peerId().hashCode(),
                        presence.port(),
                        surroundings.config().announcedAddress()),
                spec.trackers(),
                spec.resumed().trackers().stream()
                        .map(state -> new TrackerState.Resumed(state.started(), state.nextAnnounce()))
                        .toList(),
                this,
                surroundings.trackers(),
                this::named,
                tracker -> SessionAnnouncer.leavesPortToOthers(siblings, tracker),
                loop,
                random);
        this.stats = snapshot();
    }

    void open() {
        presence.setAccepting(true);
        announcer.start();
        named(spec.peers());
        tick();
    }

    /** Its own trackers, or the magnet, named these. The torrent may turn out to be private. */
    private void named(List<InetSocketAddress> addresses) {
        presence.name(addresses);
        heardOf(addresses);
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isStartedAt(tracker);
    }

    void announceAgain(String tracker) {
        announcer.hurry(tracker);
    }

    void heardOf(List<InetSocketAddress> addresses) {
        if (!closed) {
            crowd.heard(addresses);
            dialOn();
        }
    }

    private void dialOn() {
        if (!closed) {
            crowd.dial(this::dial);
            presence.setPeers(crowd.seats());
        }
    }

    Stats stats() {
        return stats;
    }

    void close(boolean tellTrackers, CompletableFuture<Void> done) {
        if (closed) {
            done.complete(null);
            return;
        }
        leaveSwarm();
        if (tellTrackers) {
            Loop.Timer patience = loop.schedule(LAST_WORDS, () -> done.complete(null));
            announcer.stop(() -> {
                patience.cancel();
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
        fetch.close();
    }

    private void tick() {
        long now = loop.nanoTime();
        List.copyOf(sources).forEach(source -> source.peer.tick(now));
        askOn();
        dialOn();
        if (crowd.hasBecomeForsaken()) {
            announcer.hurry();
        }
        stats = snapshot();
        timer = loop.schedule(TICK, this::tick);
    }

    private Stats snapshot() {
        List<MetadataSource> outsiders = sources.stream()
                .filter(source -> !surroundings
                        .config()
                        .fleet()
                        .test(source.peer.handshake().peerId()))
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
            public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                crowd.connected();
                connection.moveTo(loop, new MetadataSource(theirs, candidate.address(), candidate, rest).peer);
            }

            @Override
            public void failed() {
                crowd.notConnected(candidate);
                loop.execute(ResolveSession.this::dialOn); // not here: the next one may fail while it is dialled
            }
        };
        surroundings.network().connect(loop, candidate.address(), HandshakeHandler.outgoing(handshake, outcome));
    }

    /** The handler for a connection that is to be moved to this loop; may be called on any. */
    ConnectionHandler incoming(Handshake theirs, InetSocketAddress address, ByteBuf rest) {
        return new MetadataSource(theirs, address, null, rest).peer;
    }

    /** A connected peer. */
    private final class MetadataSource implements MetadataPeer.Listener {
        final MetadataPeer peer;
        private final @Nullable Candidate candidate;
        private boolean seated;
        boolean offers;

        MetadataSource(Handshake theirs, InetSocketAddress address, @Nullable Candidate candidate, ByteBuf rest) {
            this.candidate = candidate;
            ExtendedHandshake introduction =
                    new ExtendedHandshake(Peer.METADATA_ID, 0, presence.port(), 0, TorrentSession.CLIENT, false);
            this.peer = new MetadataPeer(loop, handshake, theirs, address, candidate == null, rest, introduction, this);
        }

        @Override
        public void opened() {
            seated = candidate != null || crowd.takeSeat(peer.address().getAddress());
            Handshake theirs = peer.handshake();
            if (!seated
                    || closed
                    || !theirs.infoHash().equals(spec.infoHash())
                    || theirs.peerId().equals(spec.peerId())) {
                peer.close("not wanted");
            } else {
                sources.add(this);
                presence.connected(theirs.peerId());
            }
            presence.setPeers(crowd.seats());
        }

        @Override
        public void offered(int size) {
            offers = true;
            fetch.offered(this, size);
            askOn();
        }

        @Override
        public void answered(MetadataMessage message) {
            fetch.received(this, message, loop.nanoTime());
            for (MetadataSource liar : fetch.liars()) {
                liars.add(liar.peer.address().getAddress());
                if (liars.size() > EngineLimits.LIARS) {
                    liars.removeFirst();
                }
                liar.peer.close("lied");
            }
            askOn();
        }

        @Override
        public void closed() {
            if (sources.remove(this)) {
                presence.disconnected(peer.handshake().peerId());
            }
            fetch.left(this);
            if (seated) {
                crowd.left(
                        peer.address().getAddress(),
                        candidate,
                        closed ? ConnectionSlots.Redial.NEVER : ConnectionSlots.Redial.SOON);
                presence.setPeers(crowd.seats());
            }
            askOn();
        }
    }

    /** Asks whom the fetch says, or hands over what it has. */
    private void askOn() {
        if (closed || told) {
            return;
        }
        byte[] info = fetch.info();
        if (info != null) {
            told = true;
            resolved.accept(info);
            return;
        }
        for (PeerRequest<MetadataSource> ask : fetch.asks(loop.nanoTime())) {
            ask.peer().peer.ask(ask.request());
        }
    }

    // ---- What trackers are told

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
    public boolean partialSeed() {
        return false;
    }

    @Override
    public PeerDemand appetite() {
        return told ? PeerDemand.NONE : PeerDemand.HUNGRY;
    }
}
