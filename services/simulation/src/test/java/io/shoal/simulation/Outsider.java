package io.shoal.simulation;

import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.swarms.Engine;
import io.shoal.engine.swarms.MemoryStore;
import io.shoal.engine.swarms.SimulatedHost;
import io.shoal.engine.swarms.SimulatedNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A peer outside of the deployment, on a host of its own: this engine over memory. */
final class Outsider implements TorrentListener {
    final SimulatedHost host;
    final InetSocketAddress address;
    final TorrentContent content;
    final MemoryStore store;
    final TorrentHandle torrent;
    final Set<InetAddress> banned = new LinkedHashSet<>();
    final boolean isHonest;
    boolean finished;
    private final CompletableFuture<Throwable> failed = new CompletableFuture<>();

    Outsider(World world, int number, TorrentContent content, MemoryStore store, Mode mode, boolean isHonest) {
        this.host = world.network.host(number);
        this.address = SimulatedNetwork.address(number, 0);
        this.content = content;
        this.store = store;
        this.isHonest = isHonest;
        EngineConfig config = new EngineConfig(List.of(address), null, any -> true, 0, 0);
        TorrentSpec spec = new TorrentSpec(
                content.info,
                SimulatedNetwork.peerId(number),
                List.of(List.of(content.tracker)),
                Resumed.FRESH,
                PieceWish.ALL,
                mode);
        try {
            Engine engine = new Engine(
                    config,
                    world.network.of(host),
                    any -> true,
                    world.trackersOf(host),
                    host.workers(),
                    world.simulation.random.split());
            torrent = engine.add(spec, store, this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean serves(TorrentContent asked) {
        return content.info.equals(asked.info) && !host.isKilled();
    }

    @Override
    public void verified(int piece) {}

    @Override
    public void finished() {
        finished = true;
    }

    @Override
    public void banned(InetAddress peer, int piece) {
        banned.add(peer);
    }

    /** Ends it; completes also if it has failed, because outsiders are not what is tested. */
    CompletableFuture<?> close() {
        return CompletableFuture.anyOf(torrent.close(true), failed);
    }

    @Override
    public void failed(Throwable cause) {
        failed.complete(cause);
    }

    @Override
    public void storeFailed(Throwable cause) {
        throw new AssertionError(cause);
    }
}
