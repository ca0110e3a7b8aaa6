package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.PieceWish;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The handle of a {@link TorrentSession} for other threads: brings each call to the torrent's loop. */
public final class RunningTorrent implements Torrent {
    private final Loop loop;
    private final TorrentSession session;
    private final Consumer<RunningTorrent> whenClosed;

    private RunningTorrent(Loop loop, TorrentSession session, Consumer<RunningTorrent> whenClosed) {
        this.loop = loop;
        this.session = session;
        this.whenClosed = whenClosed;
    }

    /**
     * Begins.
     *
     * @param port where peers reach it, 0 if they do not
     * @param random for this torrent alone
     * @param whenClosed told as soon as it is being closed
     */
    public static RunningTorrent start(
            Surroundings surroundings,
            Loop loop,
            TorrentSpec spec,
            int port,
            Store store,
            TorrentListener listener,
            RandomGenerator random,
            Consumer<RunningTorrent> whenClosed) {
        TorrentSession session =
                new TorrentSession(surroundings, loop, spec, Geometry.of(spec.info()), port, store, listener, random);
        loop.execute(() -> session.open(spec.mode()));
        return new RunningTorrent(loop, session, whenClosed);
    }

    /** Takes over a connection on which a peer has asked for this torrent, and what came after its handshake. */
    public void arrived(Connection connection, Handshake theirs, ByteBuf rest) {
        connection.moveTo(loop, session.incoming(theirs, connection.remote(), rest));
    }

    @Override
    public void want(PieceWish wish) {
        loop.execute(() -> session.want(wish));
    }

    @Override
    public void setMode(Mode mode) {
        loop.execute(() -> session.setMode(mode));
    }

    @Override
    public void setTrackers(List<List<String>> tiers) {
        loop.execute(() -> session.announcing().setTrackers(tiers));
    }

    @Override
    public void addPeer(InetSocketAddress peer) {
        loop.execute(() -> session.heardOf(List.of(peer)));
    }

    @Override
    public TorrentStats stats() {
        return session.stats();
    }

    @Override
    public CompletableFuture<Void> close(boolean tellTrackers) {
        whenClosed.accept(this);
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> session.close(tellTrackers, done));
        return done;
    }
}
