package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.PieceWish;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handle of a {@link TorrentSession} for other threads: brings each call to the torrent's loop. */
public final class RunningTorrent implements TorrentHandle, PeerAcceptor, Sibling {
    private static final Logger LOG = LoggerFactory.getLogger(RunningTorrent.class);

    private final Loop loop;
    private final Presence presence;
    private final Consumer<RunningTorrent> whenClosed;
    private final TorrentStats initialStats;

    /** Created on the loop, by its first task: in every other task it is null only if that has failed. */
    private volatile @Nullable TorrentSession session;

    private RunningTorrent(
            Loop loop, Presence presence, TorrentStats initialStats, Consumer<RunningTorrent> whenClosed) {
        this.loop = loop;
        this.presence = presence;
        this.initialStats = initialStats;
        this.whenClosed = whenClosed;
    }

    /**
     * Starts the torrent.
     *
     * @param presence kept up to date by the torrent
     * @param siblings the other torrents of its info-hash
     * @param random used by this torrent only
     * @param whenClosed called as soon as closing starts
     */
    public static RunningTorrent start(
            EngineContext engine,
            Loop loop,
            TorrentSpec spec,
            Presence presence,
            Siblings siblings,
            Store store,
            TorrentListener listener,
            RandomGenerator random,
            Consumer<RunningTorrent> whenClosed) {
        Geometry geometry = Geometry.of(spec.info());
        RunningTorrent torrent = new RunningTorrent(loop, presence, initialStats(spec), whenClosed);
        loop.execute(() -> {
            try {
                TorrentSession session =
                        new TorrentSession(engine, loop, spec, geometry, presence, siblings, store, listener, random);
                torrent.session = session;
                session.run(() -> session.open(spec.mode()));
            } catch (Throwable e) {
                LOG.error("The torrent {} cannot be started", spec.info().hash(), e);
                listener.failed(e);
            }
        });
        return torrent;
    }

    private static TorrentStats initialStats(TorrentSpec spec) {
        long total = spec.info().pieces().total();
        return new TorrentStats(
                spec.resumed().downloaded(),
                spec.resumed().uploaded(),
                spec.resumed().wasted(),
                0,
                0,
                total,
                total,
                0,
                0,
                0,
                List.of(),
                List.of(),
                List.of());
    }

    /** Runs {@code task}, unless the torrent could not be started. */
    private void onLoop(Consumer<TorrentSession> task) {
        loop.execute(() -> {
            TorrentSession running = session;
            if (running != null) {
                running.run(() -> task.accept(running));
            }
        });
    }

    @Override
    public void accept(Connection connection, Handshake theirs, ByteBuf rest, boolean answered) {
        TorrentSession running = session;
        if (running == null) {
            rest.release();
            connection.close(); // too early; the peer will connect again
        } else {
            running.accept(connection, theirs, rest, answered);
        }
    }

    @Override
    public Presence presence() {
        return presence;
    }

    @Override
    public boolean isAnnouncedTo(String tracker) {
        TorrentSession running = session;
        return running != null && running.isAnnouncedTo(tracker);
    }

    @Override
    public void reannounce(String tracker) {
        onLoop(session -> session.reannounce(tracker));
    }

    @Override
    public DirectConnection.End acceptSibling() {
        return Objects.requireNonNull(session, "it accepts peers only when it has started")
                .acceptSibling();
    }

    @Override
    public void want(PieceWish wish) {
        onLoop(session -> session.want(wish));
    }

    @Override
    public void setMode(Mode mode) {
        onLoop(session -> session.setMode(mode));
    }

    @Override
    public void setTrackers(List<List<String>> tiers) {
        onLoop(session -> session.setTrackers(tiers));
    }

    @Override
    public void setWebSeeds(List<String> urls) {
        onLoop(session -> session.setWebSeeds(urls));
    }

    @Override
    public void announceOnRequest() {
        onLoop(TorrentSession::announceOnRequest);
    }

    @Override
    public void setLimits(TorrentSpec.Limits limits) {
        onLoop(session -> session.setLimits(limits));
    }

    @Override
    public void addPeer(InetSocketAddress peer) {
        onLoop(session -> session.addPeers(List.of(peer)));
    }

    @Override
    public TorrentStats stats() {
        TorrentSession running = session;
        return running == null ? initialStats : running.stats();
    }

    /** A fault is one of the request alone, and does not end the torrent. */
    @Override
    public CompletableFuture<SwarmSnapshot> inspect(int peers, int buckets) {
        return CompletableFuture.supplyAsync(
                () -> Objects.requireNonNull(session, "it could not be started").inspect(peers, buckets), loop);
    }

    @Override
    public CompletableFuture<Void> close(boolean announceStopped) {
        whenClosed.accept(this);
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            TorrentSession running = session;
            if (running == null) {
                done.complete(null);
                return;
            }
            try {
                running.close(announceStopped, done);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
