package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The handle of a {@link ResolveSession} for other threads. */
public final class RunningResolution implements ResolveHandle, PeerAcceptor {
    private final Loop loop;
    private final Presence presence;
    private final ResolveSession session;
    private final Consumer<RunningResolution> whenClosed;

    private RunningResolution(
            Loop loop, Presence presence, ResolveSession session, Consumer<RunningResolution> whenClosed) {
        this.loop = loop;
        this.presence = presence;
        this.session = session;
        this.whenClosed = whenClosed;
    }

    /** Starts the search; see {@link RunningTorrent#start}. */
    public static RunningResolution start(
            EngineContext engine,
            Loop loop,
            ResolveSpec spec,
            Presence presence,
            Siblings siblings,
            Consumer<byte[]> resolved,
            RandomGenerator random,
            Consumer<RunningResolution> whenClosed) {
        ResolveSession session = new ResolveSession(engine, loop, spec, presence, siblings, resolved, random);
        loop.execute(session::open);
        return new RunningResolution(loop, presence, session, whenClosed);
    }

    @Override
    public void accept(Connection connection, Handshake theirs, ByteBuf rest, boolean answered) {
        session.accept(connection, theirs, rest, answered);
    }

    @Override
    public Presence presence() {
        return presence;
    }

    @Override
    public boolean isAnnouncedTo(String tracker) {
        return session.isAnnouncedTo(tracker);
    }

    @Override
    public void reannounce(String tracker) {
        loop.execute(() -> session.reannounce(tracker));
    }

    @Override
    public void addPeer(InetSocketAddress peer) {
        loop.execute(() -> session.addPeers(List.of(peer)));
    }

    @Override
    public void announceOnRequest() {
        loop.execute(session::announceOnRequest);
    }

    @Override
    public Stats stats() {
        return session.stats();
    }

    @Override
    public CompletableFuture<Void> close(boolean announceStopped) {
        whenClosed.accept(this);
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> session.close(announceStopped, done));
        return done;
    }
}
