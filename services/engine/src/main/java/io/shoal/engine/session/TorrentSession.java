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

/**
 * One torrent in its swarm. Everything here happens on its loop; {@link RunningTorrent} is what other threads hold.
 *
 * <p>It begins and ends, turns the clock for the rooms, and passes between them: {@link ConnectedPeers} lets peers in and out,
 * {@link Download} gets, {@link Unchoking} gives, {@link SessionAnnouncer} tells trackers, {@link SiblingConnector} meets siblings,
 * {@link SessionCounters} adds up.
 */
final class TorrentSession implements Store.Listener {
    static final String CLIENT = "Shoal 0.1";

    private static final Duration TICK = Duration.ofSeconds(1);

    /** Ticks of a torrent that nobody asks for: it only has to notice that it is to dial again. */
    private static final Duration IDLE_TICK = Duration.ofSeconds(5);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final EngineContext engine;
    private final Loop loop;
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
        this.info = spec.info();
        this.peerId = spec.peerId();
        this.presence = presence;
        this.store = store;
        this.listener = listener;
        store.attach(loop, this);
        this.context = new SessionContext(this, store);
        this.counters = new SessionCounters(spec.resumed());
        this.download = new Download(
                this,
                geometry,
                store,
                spec.wish(),
                siblings.claims(geometry.pieces().count(), loop::nanoTime),
                random);
        this.unchoking = new Unchoking(this, random);
        this.connectedPeers = new ConnectedPeers(this);
        this.announcing = new SessionAnnouncer(this, spec, siblings, random);
        this.siblingConnector = new SiblingConnector(this, siblings);
        this.stats = counters.snapshot(this);
    }

    // ---- What the rooms see

    EngineContext engine() {
        return engine;
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

    /** Whether anything is given at all. */
    boolean isActive() {
        return mode != Mode.STOP && !closing;
    }

    /** Whether peers could give us something that we want. */
    boolean needsPieces() {
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

    /** More may be wanted than before: turns to those who were let go meanwhile, and to the trackers. */
    private void findPeersIfNeeded() {
        if (needsPieces()) {
            connectedPeers.recallIdle();
            announcing.announceSoonIfNeeded();
        }
    }

    /** One of its own trackers named these. */
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

    /** Ends it; completes {@code done} when peers, store and trackers are through with it. */
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
        stats = counters.snapshot(this); // the last: what the successor goes on from
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
        timer = loop.schedule(connectedPeers.size() == 0 && !needsPieces() ? IDLE_TICK : TICK, this::tick);
    }

    /** Somebody is here: ends the longer wait. */
    void shortenTick() {
        if (timer != null) {
            timer.cancel();
            timer = loop.schedule(TICK, this::tick);
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
            connectedPeers.closeAll("pieces were lost that it was promised");
            findPeersIfNeeded();
        }
    }
}
