package io.shoal.local.peers;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.announce.Trackers;
import io.shoal.engine.files.FileStore;
import io.shoal.engine.netty.NettyNetwork;
import io.shoal.engine.store.Store;
import io.shoal.engine.swarms.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Shoal's own engine over plain files, in this process: a client like any other. */
public final class EnginePeer implements OutsidePeer {
    private final NettyNetwork network;
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final EventLoopGroup announcing = new NioEventLoopGroup(1);
    private final Engine engine;
    private final TorrentHandle torrent;

    private EnginePeer(Metainfo metainfo, List<Path> files, String bind, long upLimit, UnaryOperator<Store> around)
            throws IOException {
        network = NettyNetwork.start(1);
        EngineConfig config =
                new EngineConfig(List.of(new InetSocketAddress(bind, 0)), null, EnginePeer::anywhere, 0, upLimit);
        SecureRandom random = new SecureRandom();
        engine = new Engine(
                config,
                network,
                EnginePeer::anywhere,
                ports -> new Trackers(announcing.next(), EnginePeer::anywhere, ports),
                workers,
                random);
        TorrentSpec spec = new TorrentSpec(
                metainfo.info(), peerId(random), metainfo.trackers(), Resumed.FRESH, PieceWish.ALL, Mode.RUN);
        torrent = engine.add(spec, around.apply(FileStore.open(metainfo.info(), files, workers)), new Unheard());
    }

    /**
     * Joins the swarm with what is in the files already.
     *
     * @param files one for each file of the torrent; those that are missing are made
     * @param bind address that it listens on
     * @param upLimit bytes per second that it sends at most; 0 for no limit
     */
    public static EnginePeer start(Metainfo metainfo, List<Path> files, String bind, long upLimit) throws IOException {
        return start(metainfo, files, bind, upLimit, UnaryOperator.identity());
    }

    /** The same, with something around the store that the files are. */
    public static EnginePeer start(
            Metainfo metainfo, List<Path> files, String bind, long upLimit, UnaryOperator<Store> around)
            throws IOException {
        return new EnginePeer(metainfo, files, bind, upLimit, around);
    }

    @Override
    public String name() {
        return "Shoal's engine over plain files";
    }

    @Override
    public Progress progress() {
        TorrentStats stats = torrent.stats();
        return new Progress(stats.left() == 0, stats.downloaded(), stats.uploaded());
    }

    /** What the engine says of the torrent. */
    public TorrentStats stats() {
        return torrent.stats();
    }

    @Override
    public void close() {
        torrent.close(true).join();
        engine.close();
        network.close();
        announcing.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        workers.shutdown();
    }

    /** On the user's own machine, where every address is as good as another. */
    private static boolean anywhere(InetAddress address) {
        return !address.isMulticastAddress();
    }

    private static PeerId peerId(SecureRandom random) {
        byte[] id = new byte[PeerId.LENGTH];
        random.nextBytes(id);
        byte[] client = "-SH0100-".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(client, 0, id, 0, client.length);
        return PeerId.of(id);
    }

    /** What happens shows in the statistics. */
    private static final class Unheard implements TorrentListener {
        @Override
        public void verified(int piece) {}

        @Override
        public void finished() {}

        @Override
        public void banned(InetAddress banned, int piece) {}

        @Override
        public void storeFailed(Throwable cause) {}
    }
}
