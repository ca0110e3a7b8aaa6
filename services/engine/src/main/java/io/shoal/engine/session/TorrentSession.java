package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.PieceWish;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.store.Store;
import io.shoal.engine.verifying.Sender;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One torrent in its swarm. Everything here happens on its loop; other threads use {@link RunningTorrent}.
 *
 * <p>It starts and ends the torrent, and drives its {@link SessionParts}: {@link ConnectedPeers} accepts and closes
 * peers, {@link Download} downloads, {@link Unchoking} decides which peers are uploaded to, {@link SessionAnnouncer}
 * announces, {@link SiblingConnector} connects to siblings, {@link SessionCounters} counts, {@link WebSeedSet} uses web seeds.
 */
final class TorrentSession {
    private static final Logger LOG = LoggerFactory.getLogger(TorrentSession.class);

    private final GuardedLoop loop;
    private final Info info;
    private final Presence presence;
    private final Store store;
    private final TorrentListener listener;
    private final SessionParts parts;
    private final SessionTicker ticker;

    private boolean failed;
    private boolean opened;
    private volatile TorrentStats stats;

    TorrentSession(
            EngineContext engine,
            Loop unguarded,
            TorrentSpec spec,
            Geometry geometry,
            Presence presence,
            Siblings siblings,
            Store store,
            TorrentListener listener,
            RandomGenerator random) {
        this.loop = new GuardedLoop(unguarded, this::fail);
        this.info = spec.info();
        this.presence = presence;
        this.store = store;
        this.listener = listener;
        store.attach(loop, new StoreEvents());
        this.parts = new SessionParts(
                engine, loop, spec, geometry, presence, siblings, store, random, new DownloadEvents(), this::wake);
        this.ticker =
                new SessionTicker(loop, this::tick, () -> parts.peers.size() == 0 && !parts.activity.needsPieces());
        this.stats = parts.snapshots.take();
    }

    private void wake() {
        ticker.wake();
    }

    // ---- For the handle

    /** Runs {@code task} on the loop; a fault in it ends the torrent. */
    void run(Runnable task) {
        loop.run(task);
    }

    /** Takes over an incoming connection. Any thread. */
    void accept(Connection connection, Handshake theirs, ByteBuf rest, boolean answered) {
        Peer peer = parts.peerFactory.incoming(theirs, connection.remote(), rest);
        if (answered) {
            peer.handshakeWasSent();
        }
        loop.adopt(connection, peer);
    }

    /** Any thread. */
    DirectConnection.End acceptSibling() {
        return parts.siblingConnector.accept();
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return parts.announcer.isAnnouncedTo(tracker);
    }

    void reannounce(String tracker) {
        parts.announcer.reannounce(tracker);
    }

    void setTrackers(List<List<String>> tiers) {
        parts.announcer.setTrackers(tiers);
    }

    void setWebSeeds(List<String> urls) {
        parts.webSeeds.setUrls(urls);
    }

    void announceOnRequest() {
        parts.announcer.announceOnRequest();
    }

    void addPeers(List<InetSocketAddress> addresses) {
        parts.search.addPeers(addresses);
    }

    void setLimits(TorrentSpec.Limits limits) {
        parts.context.setLimits(limits);
    }

    /** Any thread. */
    TorrentStats stats() {
        return stats;
    }

    SwarmSnapshot inspect(int peers, int buckets) {
        return parts.inspection.take(peers, buckets);
    }

    // ---- Life cycle

    void open(Mode first) {
        opened = true;
        setMode(first);
        ticker.start();
    }

    void setMode(Mode to) {
        if (parts.activity.isClosed()) {
            return;
        }
        Mode from = parts.activity.mode();
        parts.activity.setMode(to);
        presence.setAccepting(parts.activity.isActive());
        if (to == Mode.STOP) {
            parts.download.setRequesting(false);
            parts.download.dropOpenPieces();
            closePeers("stopped");
            parts.webSeeds.stop();
            parts.search.stop();
            if (from != Mode.STOP) {
                parts.announcer.stop();
            }
            return;
        }
        parts.download.setRequesting(to == Mode.RUN);
        if (from == Mode.STOP) {
            parts.announcer.start();
        }
        findPeersIfNeeded();
    }

    void want(PieceWish wish) {
        if (!parts.activity.isClosed()) {
            parts.download.want(wish);
            findPeersIfNeeded();
        }
    }

    /** More may be wanted than before: dials idle addresses again, and announces soon. */
    private void findPeersIfNeeded() {
        if (parts.activity.needsPieces()) {
            parts.search.recallIdle();
            parts.announcer.announceSoon();
        }
    }

    private void closePeers(String reason) {
        parts.unchoking.chokeAll();
        parts.connectedPeers.closeAll(reason);
    }

    /** Ends the torrent; completes {@code done} when peers, store and trackers are done with it. */
    void close(boolean announceStopped, CompletableFuture<Void> done) {
        if (parts.activity.isClosed()) {
            done.complete(null);
            return;
        }
        parts.activity.close();
        presence.setAccepting(false);
        ticker.stop();
        closePeers("closed");
        parts.webSeeds.stop();
        parts.slots.close();
        parts.context.close();
        stats = parts.snapshots.take(); // the last snapshot, from which the successor continues
        CompletableFuture<Void> stored = new CompletableFuture<>();
        parts.download.close(() -> {
            try {
                store.close();
            } finally {
                stored.complete(null);
            }
        });
        CompletableFuture<Void> announced =
                parts.announcer.leave(announceStopped && parts.activity.mode() != Mode.STOP);
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
        parts.handshakes.sendChange(parts.peers);
        parts.connectedPeers.tick(now);
        parts.counters.tick(now);
        if (parts.activity.isActive()) {
            parts.unchoking.tick(now);
            boolean isolated = parts.search.tick();
            parts.siblingConnector.tick(now);
            parts.exchange.tick(now);
            parts.download.tick();
            parts.webSeeds.tick();
            if (isolated && parts.activity.needsPieces()) {
                parts.announcer.announceSoon();
            }
        }
        stats = parts.snapshots.take();
    }

    // ---- Events of the parts

    private final class DownloadEvents implements Download.Listener {
        @Override
        public void verified(int piece) {
            listener.verified(piece);
            if (parts.download.left() == 0) {
                parts.announcer.completed();
            }
        }

        @Override
        public void finished() {
            if (opened) {
                stats = parts.snapshots.take(); // the listener reads the stats
                listener.finished();
            }
        }

        @Override
        public void banned(Sender liar, int piece) {
            switch (liar) {
                case Sender.Address(InetAddress address) -> {
                    parts.connectedPeers.closeBanned(address);
                    listener.banned(address, piece);
                }
                case Sender.WebServer(String url) -> parts.webSeeds.banned(url);
            }
        }

        @Override
        public void storeFailed(Throwable cause) {
            if (parts.activity.storeFailed()) {
                parts.download.setRequesting(false);
                listener.storeFailed(cause);
            }
        }
    }

    private final class StoreEvents implements Store.Listener {
        @Override
        public void roomChanged() {
            if (!parts.activity.isClosed()) {
                parts.download.roomChanged();
            }
        }

        @Override
        public void roomNeeded(BitSet pieces) {
            if (!parts.activity.isClosed()) {
                parts.download.roomNeeded(pieces);
            }
        }

        @Override
        public void lost(BitSet pieces) {
            if (parts.activity.isClosed()) {
                return;
            }
            boolean wereServed = parts.download.served().intersects(pieces);
            parts.download.lost(pieces);
            if (wereServed) { // peers cannot be told, and would request what is gone
                closePeers(ConnectedPeers.PIECES_LOST);
            }
            findPeersIfNeeded();
        }
    }
}
