package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.Resolution;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The handle of a {@link ResolveSession} for other threads. */
public final class RunningResolution implements Resolution, Arrivals {
    private final Loop loop;
    private final ResolveSession session;
    private final Consumer<RunningResolution> whenClosed;

    private RunningResolution(Loop loop, ResolveSession session, Consumer<RunningResolution> whenClosed) {
        this.loop = loop;
        this.session = session;
        this.whenClosed = whenClosed;
    }

    /** Begins; see {@link RunningTorrent#start}. */
    public static RunningResolution start(
            Surroundings surroundings,
            Loop loop,
            ResolveSpec spec,
            int port,
            Consumer<byte[]> resolved,
            RandomGenerator random,
            Consumer<RunningResolution> whenClosed) {
        ResolveSession session = new ResolveSession(surroundings, loop, spec, port, resolved, random);
        loop.execute(session::open);
        return new RunningResolution(loop, session, whenClosed);
    }

    @Override
    public void arrived(Connection connection, Handshake theirs, ByteBuf rest) {
        connection.moveTo(loop, session.incoming(theirs, connection.remote(), rest));
    }

    @Override
    public void addPeer(InetSocketAddress peer) {
        loop.execute(() -> session.heardOf(List.of(peer)));
    }

    @Override
    public Stats stats() {
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
