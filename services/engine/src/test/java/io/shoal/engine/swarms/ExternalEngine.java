package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.egress.Egress;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.files.FileStore;
import io.shoal.engine.netty.NettyNetwork;
import io.shoal.engine.webseeds.HttpRangeClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** An engine over plain files and real TCP on loopback. */
final class ExternalEngine implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final int PATIENCE_S = 60;

    final Engine engine;
    private final NettyNetwork network;
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final Map<InfoHash, CountDownLatch> finished = new ConcurrentHashMap<>();

    private ExternalEngine(
            InetAddress bind,
            TrackerClient trackers,
            Egress egress,
            EncryptionPolicy encryption,
            long downLimit,
            long upLimit,
            int loops)
            throws IOException {
        network = NettyNetwork.start(loops);
        EngineConfig config = new EngineConfig(
                List.of(new InetSocketAddress(bind, 0)),
                null,
                peer -> false,
                address -> true,
                encryption,
                downLimit,
                upLimit);
        engine = new Engine(
                config,
                network,
                egress,
                ports -> trackers,
                workers,
                RandomGenerator.of("L64X128MixRandom"),
                new HttpRangeClient(NettyNetwork::eventLoop, egress));
    }

    static ExternalEngine start() throws IOException {
        return limited(0, 0, 1);
    }

    /** Starts one that listens at this address. */
    static ExternalEngine at(InetAddress bind) throws IOException {
        return new ExternalEngine(bind, noTrackers(), address -> true, EncryptionPolicy.ALLOWED, 0, 0, 1);
    }

    /** Starts one that may reach these addresses only. */
    static ExternalEngine behind(Egress egress) throws IOException {
        return new ExternalEngine(
                InetAddress.getLoopbackAddress(), noTrackers(), egress, EncryptionPolicy.ALLOWED, 0, 0, 1);
    }

    static ExternalEngine limited(long downLimit, long upLimit, int loops) throws IOException {
        return new ExternalEngine(
                InetAddress.getLoopbackAddress(),
                noTrackers(),
                address -> true,
                EncryptionPolicy.ALLOWED,
                downLimit,
                upLimit,
                loops);
    }

    static ExternalEngine with(EncryptionPolicy encryption) throws IOException {
        return new ExternalEngine(InetAddress.getLoopbackAddress(), noTrackers(), address -> true, encryption, 0, 0, 1);
    }

    private static TrackerClient noTrackers() {
        return (url, request, loop, done) ->
                loop.execute(() -> done.accept(TrackerClient.Failed.of(TrackerClient.Codes.UNREACHABLE)));
    }

    InetSocketAddress address() {
        return engine.listening().getFirst();
    }

    TorrentHandle add(Info info, Path directory, Mode mode) throws IOException {
        return add(info, directory, mode, List.of());
    }

    TorrentHandle add(Info info, Path directory, Mode mode, List<String> webSeeds) throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        finished.put(info.hash(), done);
        PeerId id =
                PeerId.of(String.format("-SH0001-%012d", NEXT.incrementAndGet()).getBytes(StandardCharsets.US_ASCII));
        return engine.add(
                new TorrentSpec(
                        info,
                        id,
                        List.of(),
                        Resumed.FRESH,
                        PieceWish.ALL,
                        mode,
                        "",
                        Limits.NONE,
                        info.isPrivate(),
                        webSeeds),
                FileStore.under(info, directory, workers),
                new TorrentListener() {
                    @Override
                    public void verified(int piece) {
                        // the end is what is waited for
                    }

                    @Override
                    public void finished() {
                        done.countDown();
                    }

                    @Override
                    public void banned(InetAddress banned, int piece) {
                        // nobody lies here
                    }

                    @Override
                    public void storeFailed(Throwable cause) {
                        throw new AssertionError(cause);
                    }
                });
    }

    void awaitFinished(Info info) throws InterruptedException {
        CountDownLatch done = finished.get(info.hash());
        assertThat(done).isNotNull();
        assertThat(done.await(PATIENCE_S, TimeUnit.SECONDS))
                .as("finished in time")
                .isTrue();
    }

    @Override
    public void close() {
        engine.close();
        network.close();
        workers.shutdown();
    }
}
