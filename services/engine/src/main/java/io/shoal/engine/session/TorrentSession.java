package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.Handshaking;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.store.Store;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One torrent in its swarm. Everything here happens on its loop; {@link RunningTorrent} is what other threads hold.
 *
 * <p>It lets peers in and out, turns the clock for the rooms, and passes between them: {@link Download} gets, {@link Giving}
 * gives, {@link Announcing} tells trackers, {@link Crowd} knows whom to dial, {@link Counters} adds up.
 */
final class TorrentSession implements Store.Listener {
    static final String CLIENT = "Shoal 0.1";

    private static final Logger LOG = LoggerFactory.getLogger(TorrentSession.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Ticks of a torrent that nobody asks for: it only has to notice that it is to dial again. */
    private static final Duration IDLE_TICK = Duration.ofSeconds(5);

    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Surroundings surroundings;
    private final Loop loop;
    private final Info info;
    private final PeerId peerId;
    private final int port;
    private final Store store;
    private final TorrentListener listener;
    private final World world;
    private final Crowd crowd;
    private final Download download;
    private final Giving giving;
    private final Counters counters;
    private final Announcing announcing;

    /** Replaced on every change, so that peers may come and go while it is gone through. */
    private List<Member> members = List.of();

    private Mode mode = Mode.STOP;
    private boolean storeFailed;
    private boolean closing;
    private boolean opened;
    private Loop.@Nullable Timer timer;
    private volatile TorrentStats stats;

    TorrentSession(
            Surroundings surroundings,
            Loop loop,
            TorrentSpec spec,
            Geometry geometry,
            int port,
            Store store,
            TorrentListener listener,
            RandomGenerator random) {
        this.surroundings = surroundings;
        this.loop = loop;
        this.info = spec.info();
        this.peerId = spec.peerId();
        this.port = port;
        this.store = store;
        this.listener = listener;
        store.attach(loop, this);
        this.world = new World(this, store);
        this.counters = new Counters(spec.resumed());
        this.download = new Download(this, geometry, store, spec.wish(), random);
        this.giving = new Giving(this, random);
        this.crowd = new Crowd(surroundings, loop, download::isBanned);
        this.announcing = new Announcing(this, spec, random);
        this.stats = counters.snapshot(this);
    }

    // ---- What the rooms see

    Surroundings surroundings() {
        return surroundings;
    }

    Loop loop() {
        return loop;
    }

    Info info() {
        return info;
    }

    PeerId peerId() {
        return peerId;
    }

    int port() {
        return port;
    }

    World world() {
        return world;
    }

    Download download() {
        return download;
    }

    Giving giving() {
        return giving;
    }

    Counters counters() {
        return counters;
    }

    Announcing announcing() {
        return announcing;
    }

    /** Those that are let in. Safe to go through while peers come and go; those that have gone take no harm. */
    List<Member> members() {
        return members;
    }

    boolean isDone() {
        return download.isDone();
    }

    /** Whether anything is given at all. */
    boolean gives() {
        return mode != Mode.STOP && !closing;
    }

    /** Whether peers could give us something that we want. */
    boolean isHungry() {
        return mode == Mode.RUN && !storeFailed && !isDone();
    }

    long upRate() {
        return counters.upRate();
    }

    TorrentStats stats() {
        return stats;
    }

    // ---- The life of the torrent

    void open(Mode first) {
        opened = true;
        setMode(first);
        tick();
    }

    void setMode(Mode to) {
        if (closing) {
            return;
        }
        Mode from = mode;
        mode = to;
        storeFailed = false;
        if (to == Mode.STOP) {
            download.setAsking(false);
            download.giveUpOpen();
            disconnectAll("stopped");
            crowd.forgetCandidates();
            if (from != Mode.STOP) {
                announcing.stop(() -> {});
            }
            return;
        }
        download.setAsking(to == Mode.RUN);
        if (from == Mode.STOP) {
            announcing.start();
        }
    }

    void want(PieceWish wish) {
        if (!closing) {
            download.want(wish);
            announcing.hurryIfHungry();
        }
    }

    void heardOf(List<InetSocketAddress> peers) {
        if (gives()) {
            crowd.heard(peers);
            crowd.dial(this::dial);
        }
    }

    /** Ends it; completes {@code done} when peers, store and trackers are through with it. */
    void close(boolean tellTrackers, CompletableFuture<Void> done) {
        if (closing) {
            done.complete(null);
            return;
        }
        closing = true;
        if (timer != null) {
            timer.cancel();
        }
        disconnectAll("closed");
        stats = counters.snapshot(this); // the last: what the successor goes on from
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CompletableFuture<Void> told = new CompletableFuture<>();
        download.close(() -> {
            store.close();
            stored.complete(null);
        });
        if (tellTrackers && mode != Mode.STOP) {
            Loop.Timer patience = loop.schedule(LAST_WORDS, () -> told.complete(null));
            announcing.stop(() -> {
                patience.cancel();
                told.complete(null);
            });
        } else {
            announcing.close();
            told.complete(null);
        }
        var _ = CompletableFuture.allOf(stored, told).whenComplete((nothing, never) -> done.complete(null));
    }

    private void tick() {
        long now = loop.nanoTime();
        for (Member member : members) {
            member.peer.tick(now);
            if (isDone() && (member.isSeed() || member.uploadOnly) && mode != Mode.STOP) {
                member.peer.close("neither of us wants anything");
            }
        }
        counters.tick(now);
        if (gives()) {
            giving.tick(now);
            crowd.dial(this::dial);
        }
        stats = counters.snapshot(this);
        timer = loop.schedule(members.isEmpty() && !isHungry() ? IDLE_TICK : TICK, this::tick);
    }

    // ---- Peers come and go

    /** The connection that {@code theirs} came on is to be moved to this torrent's loop, with this handler. */
    ConnectionHandler incoming(Handshake theirs, InetSocketAddress address, ByteBuf rest) {
        return new Member(this, theirs, address, null, rest).peer;
    }

    private void dial(Candidate candidate) {
        surroundings
                .network()
                .connect(loop, candidate.address(), Handshaking.outgoing(world.handshake(), new Handshaking.Outcome() {
                    @Override
                    public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                        crowd.connected();
                        Member member = new Member(TorrentSession.this, theirs, candidate.address(), candidate, rest);
                        connection.moveTo(loop, member.peer);
                    }

                    @Override
                    public void failed() {
                        crowd.notConnected(candidate);
                    }
                }));
    }

    void opened(Member member) {
        boolean seated =
                member.candidate != null || crowd.takeSeat(member.peer.address().getAddress());
        member.admitted = seated;
        String objection = seated ? objection(member) : "no room for it";
        if (objection != null) {
            member.peer.close(objection);
            return;
        }
        List<Member> more = new ArrayList<>(members);
        more.add(member);
        members = List.copyOf(more);
        member.connectedAt = loop.nanoTime();
        member.chokeChangedAt = member.connectedAt;
        member.peer.introduce(download.served(), introduction());
        if (timer != null && members.size() == 1) {
            timer.cancel();
            timer = loop.schedule(TICK, this::tick);
        }
    }

    /** Why this peer is not let in; null if it is. */
    private @Nullable String objection(Member newcomer) {
        Handshake theirs = newcomer.peer.handshake();
        if (!gives()) {
            return "stopped";
        }
        if (!theirs.infoHash().equals(info.hash())) {
            return "another torrent";
        }
        if (theirs.peerId().equals(peerId)) {
            return "ourselves";
        }
        if (download.isBanned(newcomer.peer.address().getAddress())) {
            return "banned";
        }
        for (Member other : members) {
            if (other.peer.handshake().peerId().equals(theirs.peerId())) {
                return yields(other, newcomer) ? null : "connected twice";
            }
        }
        return null;
    }

    /**
     * When both sides dial at once there are two connections, and both sides must keep the same one: that which the lesser
     * peer id dialled. Else the older one stays.
     *
     * @return whether {@code older} was closed in favour of {@code newer}
     */
    private boolean yields(Member older, Member newer) {
        if (older.peer.isIncoming() == newer.peer.isIncoming()) {
            return false;
        }
        boolean weDial = Arrays.compareUnsigned(
                        peerId.bytes(), newer.peer.handshake().peerId().bytes())
                < 0;
        if (newer.peer.isIncoming() == weDial) {
            return false;
        }
        older.peer.close("connected twice");
        return true;
    }

    private ExtendedHandshake introduction() {
        boolean tells = !info.isPrivate();
        return new ExtendedHandshake(
                tells ? Peer.METADATA_ID : 0,
                tells ? info.size() : 0,
                port,
                EngineLimits.REQUESTS_KEPT,
                CLIENT,
                isDone());
    }

    void left(Member member, String reason) {
        LOG.debug("{}: {} left: {}", info.hash(), member.peer.address(), reason);
        if (!member.admitted) {
            return;
        }
        if (members.contains(member)) {
            List<Member> fewer = new ArrayList<>(members);
            fewer.remove(member);
            members = List.copyOf(fewer);
            download.left(member);
            giving.left(member);
        }
        boolean again = gives() && !(isDone() && (member.isSeed() || member.uploadOnly)) && !reason.equals("ourselves");
        crowd.left(member.peer.address().getAddress(), member.candidate, again);
    }

    private void disconnectAll(String reason) {
        giving.chokeAll();
        for (Member member : members) {
            member.peer.close(reason);
        }
    }

    // ---- What the download tells

    void verified(int piece) {
        listener.verified(piece);
        if (download.left() == 0) {
            announcing.completed();
        }
    }

    void finished() {
        if (opened) {
            stats = counters.snapshot(this); // who hears it will look
            listener.finished();
        }
    }

    void banned(InetAddress address, int piece) {
        for (Member member : members) {
            if (member.peer.address().getAddress().equals(address)) {
                member.peer.close("banned");
            }
        }
        listener.banned(address, piece);
    }

    void storeFailed(Throwable cause) {
        if (!storeFailed) {
            storeFailed = true;
            download.setAsking(false);
            listener.storeFailed(cause);
        }
    }

    // ---- What the store tells

    @Override
    public void roomChanged() {
        if (!closing) {
            download.roomChanged();
        }
    }

    @Override
    public void lost(BitSet pieces) {
        if (!closing) {
            download.lost(pieces);
            disconnectAll("pieces were lost that it was promised");
        }
    }
}
