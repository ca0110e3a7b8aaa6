package io.shoal.engine.session;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One torrent in its swarm. Everything here happens on its loop; other threads use {@link RunningTorrent}.
 *
 * <p>It starts and ends the torrent, drives the timer, and connects the parts: {@link ConnectedPeers} accepts and
 * closes peers, {@link Download} downloads, {@link Unchoking} decides which peers are uploaded to,
 * {@link SessionAnnouncer} announces, {@link SiblingConnector} connects to siblings, {@link SessionCounters} counts.
 */
final class TorrentSession implements Store.Listener {
    static final String CLIENT = "Shoal 0.1";

    private static final Duration TICK = Duration.ofSeconds(1);

    /** Tick of a torrent without peers that wants nothing: it only has to notice when to dial again. */
    private static final Duration IDLE_TICK = Duration.ofSeconds(5);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(TorrentSession.class);

    private final EngineContext engine;
    private final Loop loop;
    private final GuardedLoop guardedLoop;
    private final Info info;
    private final PeerId peerId;
    private final Presence presence;
    private final Store store;
    private final TorrentListener listener;
    private final SessionContext context;
    private final Download download;
    private final Unchoking unchoking;
    private final ConnectedPeers connectedPeers;
    private final SessionCounters counters;
    private final SessionAnnouncer announcing;
    private final SiblingConnector siblingConnector;

    private Mode mode = Mode.STOP;
    private boolean storeFailed;
    private boolean closing;
    private boolean failed;
    private boolean opened;
    private Loop.@Nullable Timer timer;
    private volatile TorrentStats stats;

    TorrentSession(
            EngineContext engine,
            Loop loop,
            TorrentSpec spec,
            Geometry geometry,
            Presence presence,
            Siblings siblings,
            Store store,
            TorrentListener listener,
            RandomGenerator random) {
        this.engine = engine;
        this.loop = loop;
        this.guardedLoop = new GuardedLoop(loop, this::fail);
        this.info = spec.info();
        this.peerId = spec.peerId();
        this.presence = presence;
        this.store = store;
        this.listener = listener;
        store.attach(guardedLoop, this);
        this.context = new SessionContext(this, spec.owner(), store);
        context.setLimits(spec.limits());
        this.counters = new SessionCounters(spec.resumed());
        this.download = new Download(
                this,
                geometry,
                store,
                spec.wish(),
                siblings.claims(geometry.pieces().count(), loop::nanoTime),
                random);
        this.unchoking = new Unchoking(this, random);
        this.connectedPeers = new ConnectedPeers(this, spec.owner());
        this.announcing = new SessionAnnouncer(this, spec, siblings, random);
        this.siblingConnector = new SiblingConnector(this, siblings);
        this.stats = counters.snapshot(this);
    }

    // ---- Accessors for the parts

    EngineContext engine() {
        return engine;
    }

    Loop loop() {
        return loop;
    }

    /** The loop for tasks of this torrent: what they throw ends it. */
    GuardedLoop guardedLoop() {
        return guardedLoop;
    }

    Info info() {
        return info;
    }

    PeerId peerId() {
        return peerId;
    }

    int port() {
        return presence.port();
    }

    Presence presence() {
        return presence;
    }

    SessionContext context() {
        return context;
    }

    Download download() {
        return download;
    }

    Unchoking unchoking() {
        return unchoking;
    }

    SessionCounters counters() {
        return counters;
    }

    SessionAnnouncer announcing() {
        return announcing;
    }

    ConnectedPeers connectedPeers() {
        return connectedPeers;
    }

    boolean isDone() {
        return download.isDone();
    }

    /** Whether the torrent takes part in the swarm. */
    boolean isActive() {
        return mode != Mode.STOP && !closing;
    }

    /** Whether pieces are missing that peers could deliver. */
    boolean needsPieces() {
        return mode == Mode.RUN && !storeFailed && !isDone();
    }

    long upRate() {
        return counters.upRate();
    }

    TorrentStats stats() {
        return stats;
    }

    // ---- Life cycle

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
        presence.setAccepting(isActive());
        storeFailed = false;
        if (to == Mode.STOP) {
            download.setRequesting(false);
            download.dropOpenPieces();
            connectedPeers.closeAll("stopped");
            connectedPeers.clearCandidates();
            if (from != Mode.STOP) {
                announcing.stop(() -> {});
            }
            return;
        }
        download.setRequesting(to == Mode.RUN);
        if (from == Mode.STOP) {
            announcing.start();
        }
        findPeersIfNeeded();
    }

    void want(PieceWish wish) {
        if (!closing) {
            download.want(wish);
            findPeersIfNeeded();
        }
    }

    /** More may be wanted than before: dials idle addresses again, and announces soon. */
    private void findPeersIfNeeded() {
        if (needsPieces()) {
            connectedPeers.recallIdle();
            announcing.announceSoonIfNeeded();
        }
    }

    void setLimits(TorrentSpec.Limits limits) {
        context.setLimits(limits);
    }

    /** One of its own trackers named these addresses. */
    void addTrackerPeers(List<InetSocketAddress> peers) {
        if (info.isPrivate()) {
            presence.addNamed(peers);
        }
        addPeers(peers);
    }

    void addPeers(List<InetSocketAddress> peers) {
        if (isActive()) {
            connectedPeers.addCandidates(peers);
        }
    }

    /** Ends the torrent; completes {@code done} when peers, store and trackers are done with it. */
    void close(boolean announceStopped, CompletableFuture<Void> done) {
        if (closing) {
            done.complete(null);
            return;
        }
        closing = true;
        presence.setAccepting(false);
        if (timer != null) {
            timer.cancel();
        }
        connectedPeers.closeAll("closed");
        connectedPeers.close();
        context.close();
        stats = counters.snapshot(this); // the last snapshot, from which the successor continues
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CompletableFuture<Void> announced = new CompletableFuture<>();
        download.close(() -> {
            store.close();
            stored.complete(null);
        });
        if (announceStopped && mode != Mode.STOP) {
            Loop.Timer timeout = loop.schedule(STOP_TIMEOUT, () -> announced.complete(null));
            announcing.stop(() -> {
                timeout.cancel();
                announced.complete(null);
            });
        } else {
            announcing.close();
            announced.complete(null);
        }
        var _ = CompletableFuture.allOf(stored, announced).whenComplete((nothing, never) -> done.complete(null));
    }

    /** A fault of ours: the torrent ends, and its owner decides what follows. */
    private void fail(Throwable cause) {
        if (failed) {
            return;
        }
        failed = true;
        LOG.error("The torrent {} has failed", info.hash(), cause);
        try {
            close(false, new CompletableFuture<>());
        } catch (Throwable e) { // what has failed may be broken: at least the store must be released
            LOG.error("The torrent {} did not close as it should", info.hash(), e);
            store.close();
        } finally {
            listener.failed(cause);
        }
    }

    private void tick() {
        long now = loop.nanoTime();
        connectedPeers.tick(now);
        counters.tick(now);
        if (isActive()) {
            unchoking.tick(now);
            connectedPeers.dial();
            siblingConnector.tick(now);
            download.tick();
            if (connectedPeers.haveBecomeIsolated()) {
                announcing.announceSoonIfNeeded();
            }
        }
        stats = counters.snapshot(this);
        timer = guardedLoop.schedule(connectedPeers.size() == 0 && !needsPieces() ? IDLE_TICK : TICK, this::tick);
    }

    /** A peer is connected: ends the longer tick. */
    void shortenTick() {
        if (timer != null) {
            timer.cancel();
            timer = guardedLoop.schedule(TICK, this::tick);
        }
    }

    // ---- Notifications of the download

    void verified(int piece) {
        listener.verified(piece);
        if (download.left() == 0) {
            announcing.completed();
        }
    }

    void finished() {
        if (opened) {
            stats = counters.snapshot(this); // the listener reads the stats
            listener.finished();
        }
    }

    void banned(InetAddress address, int piece) {
        connectedPeers.banned(address);
        listener.banned(address, piece);
    }

    void storeFailed(Throwable cause) {
        if (!storeFailed) {
            storeFailed = true;
            download.setRequesting(false);
            listener.storeFailed(cause);
        }
    }

    // ---- Notifications of the store

    @Override
    public void roomChanged() {
        if (!closing) {
            download.roomChanged();
        }
    }

    @Override
    public void roomNeeded(BitSet pieces) {
        if (!closing) {
            download.roomNeeded(pieces);
        }
    }

    @Override
    public void lost(BitSet pieces) {
        if (!closing) {
            boolean wereServed = download.served().intersects(pieces);
            download.lost(pieces);
            if (wereServed) { // peers cannot be told, and would request what is gone
                connectedPeers.closeAll(ConnectedPeers.PIECES_LOST);
            }
            findPeersIfNeeded();
        }
    }
}
