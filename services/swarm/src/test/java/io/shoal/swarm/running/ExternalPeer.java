package io.shoal.swarm.running;

import io.netty.channel.nio.NioEventLoopGroup;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.announce.Trackers;
import io.shoal.engine.files.FileStore;
import io.shoal.engine.netty.NettyNetwork;
import io.shoal.engine.swarms.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A peer outside the platform: this engine over plain files. */
public final class ExternalPeer implements TorrentListener, AutoCloseable {
    private final NettyNetwork network = NettyNetwork.start(1);
    private final NioEventLoopGroup announcing = new NioEventLoopGroup(1);
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final Engine engine;
    private final TorrentHandle torrent;

    /** Completes when it has all. */
    public final CompletableFuture<Void> finished = new CompletableFuture<>();

    /** Takes part with what is in {@code folder}, to which it downloads. */
    public ExternalPeer(String name, Info info, Path folder, String tracker, long upLimit) throws IOException {
        engine = new Engine(
                new EngineConfig(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        null,
                        address -> true,
                        0,
                        upLimit),
                network,
                address -> true,
                ports -> new Trackers(announcing.next(), address -> true, ports),
                workers,
                RandomGenerator.of("L64X128MixRandom"));
        TorrentSpec spec = new TorrentSpec(
                info,
                PeerId.of(("-XX0001-" + (name + "............").substring(0, 12)).getBytes(StandardCharsets.US_ASCII)),
                List.of(List.of(tracker)),
                TorrentSpec.Resumed.FRESH,
                PieceWish.ALL,
                TorrentSpec.Mode.RUN);
        torrent = engine.add(spec, FileStore.under(info, folder, workers), this);
    }

    public TorrentHandle torrent() {
        return torrent;
    }

    /** Where it listens, as {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + engine.listening().getFirst().getPort();
    }

    @Override
    public void verified(int piece) {}

    @Override
    public void finished() {
        finished.complete(null);
    }

    @Override
    public void banned(InetAddress banned, int piece) {}

    @Override
    public void storeFailed(Throwable cause) {
        finished.completeExceptionally(cause);
    }

    @Override
    public void close() {
        torrent.close(true).join();
        engine.close();
        workers.shutdown();
        announcing.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        network.close();
    }
}
