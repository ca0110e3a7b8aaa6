package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.obfuscation.PeerEncryption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Engines that encrypt their connections, do not, or require it, with one another. */
class EncryptionTest {
    private static final int SEED = 1;
    private static final int LEECH = 2;
    private static final long RATE = 64 << 10;

    private final Simulation simulation = new Simulation(19);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(16 * (64 << 10), 19);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);
    private final List<Duration> dials = new ArrayList<>();
    private final MemoryStore store = MemoryStore.empty(info.pieces());
    private boolean finished;
    private int openVisitors;

    private Engine engine(int host, EncryptionPolicy policy) throws IOException {
        return engine(host, policy, simulation.workers);
    }

    private Engine engine(int host, EncryptionPolicy policy, Executor workers) throws IOException {
        List<InetSocketAddress> listen = List.of(SimulatedNetwork.address(host));
        return new Engine(
                new EngineConfig(listen, null, peer -> false, address -> false, policy, 0, 0),
                new RecordingNetwork(
                        network.of(host, host == SEED ? RATE : 8 * RATE),
                        remote -> dials.add(Duration.ofNanos(simulation.now()))),
                address -> host != SEED, // it does not dial
                SimulatedNetwork.NO_TRACKERS,
                workers,
                simulation.random.split());
    }

    private TorrentHandle join(Engine engine, int host, MemoryStore into, Mode mode) {
        return engine.add(
                new TorrentSpec(info, SimulatedNetwork.peerId(host), List.of(), Resumed.FRESH, PieceWish.ALL, mode),
                into,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished |= mode == Mode.RUN;
                    }
                });
    }

    private Engine seed(EncryptionPolicy policy) throws IOException {
        Engine engine = engine(SEED, policy);
        join(engine, SEED, MemoryStore.of(info.pieces(), content), Mode.SEED);
        return engine;
    }

    private TorrentHandle leech(Engine engine) {
        TorrentHandle torrent = join(engine, LEECH, store, Mode.RUN);
        torrent.addPeer(SimulatedNetwork.address(SEED));
        return torrent;
    }

    private boolean finishes() {
        boolean done = simulation.run(Duration.ofMinutes(1), () -> finished);
        assertThat(done).isEqualTo(finished);
        if (done) {
            assertThat(store.content).isEqualTo(content);
        }
        return done;
    }

    /** Breaks the connection in the middle of the download, and counts the dials until the end. */
    private void assertThatOneDialIsEnoughLater() {
        dials.clear();
        network.tearOne();
        assertThat(simulation.run(Duration.ofMinutes(5), () -> finished)).isTrue();
        assertThat(dials).as("what has worked is remembered").hasSize(1);
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void aPeerThatRequiresEncryptionIsReachedSoonAfterPlaintextFailed() throws Exception {
        Engine seed = seed(EncryptionPolicy.REQUIRED);
        Engine engine = engine(LEECH, EncryptionPolicy.ALLOWED);
        TorrentHandle torrent = leech(engine);
        assertThat(simulation.run(Duration.ofSeconds(4), () -> torrent.stats().downloaded() > 0))
                .isTrue();
        assertThat(dials).hasSize(2);
        assertThat(dials.getLast().minus(dials.getFirst())).isLessThan(Duration.ofSeconds(1));
        assertThat(engine.encryption()).isEqualTo(new PeerEncryption.Counters(0, 1, 0, 0));
        assertThat(seed.encryption().incoming()).isEqualTo(1);

        assertThatOneDialIsEnoughLater();
        assertThat(engine.encryption()).isEqualTo(new PeerEncryption.Counters(0, 2, 0, 0));
    }

    @Test
    void aPeerWithoutEncryptionIsReachedSoonAfterItFailed() throws Exception {
        seed(EncryptionPolicy.OFF);
        Engine engine = engine(LEECH, EncryptionPolicy.PREFERRED);
        TorrentHandle torrent = leech(engine);
        assertThat(simulation.run(Duration.ofSeconds(4), () -> torrent.stats().downloaded() > 0))
                .isTrue();
        assertThat(dials).hasSize(2);
        assertThat(engine.encryption()).isEqualTo(new PeerEncryption.Counters(0, 0, 1, 0));

        assertThatOneDialIsEnoughLater();
        assertThat(engine.encryption()).isEqualTo(new PeerEncryption.Counters(0, 0, 1, 0));
    }

    @Test
    void aPeerThatCompletesNoHandshakeIsDialledTwiceAndThenWaits() throws Exception {
        network.of(SEED, RATE).listen(SimulatedNetwork.address(SEED), remote -> new Closing());
        leech(engine(LEECH, EncryptionPolicy.ALLOWED));
        simulation.run(Duration.ofSeconds(55), () -> false);
        assertThat(dials).hasSize(2);
        simulation.run(Duration.ofSeconds(10), () -> false);
        assertThat(dials).hasSize(4);
    }

    @Test
    void whereOneSideRequiresWhatTheOtherDoesNotHaveNothingFlows() throws Exception {
        seed(EncryptionPolicy.OFF);
        leech(engine(LEECH, EncryptionPolicy.REQUIRED));
        assertThat(finishes()).isFalse();
        assertThat(store.content).isEqualTo(new byte[content.length]);
    }

    @Test
    void oneThatRequiresEncryptionDoesNotTakePlaintext() throws Exception {
        seed(EncryptionPolicy.REQUIRED);
        leech(engine(LEECH, EncryptionPolicy.OFF));
        assertThat(finishes()).isFalse();
        assertThat(store.content).isEqualTo(new byte[content.length]);
    }

    @Test
    void thoseThatAllowEncryptionUsePlaintext() throws Exception {
        Engine seed = seed(EncryptionPolicy.ALLOWED);
        leech(engine(LEECH, EncryptionPolicy.ALLOWED));
        assertThat(finishes()).isTrue();
        assertThat(seed.encryption()).isEqualTo(new PeerEncryption.Counters(0, 0, 0, 0));
        assertThat(dials).hasSize(1);
    }

    @Test
    void aMagnetIsResolvedOverEncryptedConnections() throws Exception {
        int host = 10;
        for (EncryptionPolicy policy : List.of(EncryptionPolicy.ALLOWED, EncryptionPolicy.REQUIRED)) {
            host++;
            join(engine(host, EncryptionPolicy.REQUIRED), host, MemoryStore.of(info.pieces(), content), Mode.SEED);
            CompletableFuture<byte[]> resolved = new CompletableFuture<>();
            int resolver = 10 + host;
            Engine engine = engine(resolver, policy);
            engine.resolve(
                    new ResolveSpec(
                            info.hash(),
                            SimulatedNetwork.peerId(resolver),
                            List.of(),
                            List.of(SimulatedNetwork.address(host)),
                            Resumed.FRESH,
                            ""),
                    resolved::complete);
            assertThat(simulation.run(Duration.ofSeconds(10), resolved::isDone)).isTrue();
            assertThat(resolved.join()).isEqualTo(info.bytes());
            assertThat(engine.encryption().outgoing()).isEqualTo(1);
        }
    }

    @Test
    void theSwarmShowsWhichPeersAreEncrypted() throws Exception {
        seed(EncryptionPolicy.REQUIRED);
        join(engine(3, EncryptionPolicy.OFF), 3, MemoryStore.of(info.pieces(), content), Mode.SEED);
        TorrentHandle torrent = leech(engine(LEECH, EncryptionPolicy.ALLOWED));
        torrent.addPeer(SimulatedNetwork.address(3));
        simulation.run(Duration.ofSeconds(4), () -> torrent.stats().peers().size() == 2);
        CompletableFuture<SwarmSnapshot> swarm = torrent.inspect(10, 1);
        simulation.run(Duration.ofSeconds(1), swarm::isDone);
        assertThat(swarm.join().peers())
                .filteredOn(PeerDetails::isEncrypted)
                .extracting(PeerDetails::address)
                .containsExactly(SimulatedNetwork.address(SEED));
        assertThat(swarm.join().peers()).hasSize(2);
    }

    /** A thousand peers send a key and no more, again and again; the engine has one worker, which needs a millisecond for each task. */
    @Test
    void aFloodOfHalfDoneHandshakesDelaysNoTorrent() throws Exception {
        long[] freeAt = {0};
        Executor oneThread = task -> {
            freeAt[0] =
                    Math.max(freeAt[0], simulation.now()) + Duration.ofMillis(1).toNanos();
            simulation.after(Duration.ofNanos(freeAt[0] - simulation.now()), task);
        };
        seed(EncryptionPolicy.REQUIRED);
        Engine engine = engine(LEECH, EncryptionPolicy.ALLOWED, oneThread);
        for (int second = 0; second < 20; second += 2) {
            simulation.after(Duration.ofSeconds(second), this::flood);
        }
        simulation.run(Duration.ofSeconds(1), () -> false);
        leech(engine);
        Duration oneCopy = Duration.ofSeconds(content.length / RATE);
        assertThat(simulation.run(oneCopy.plusSeconds(3), () -> finished)).isTrue();
        assertThat(engine.encryption().outgoing()).isEqualTo(1);
        assertThat(engine.encryption().rejected()).isPositive();

        simulation.run(Duration.ofSeconds(30), () -> false);
        assertThat(openVisitors).as("each had ten seconds").isZero();
    }

    private void flood() {
        for (int visitor = 0; visitor < 1_000; visitor++) {
            network.of(100 + visitor, RATE).connect(simulation.loop, SimulatedNetwork.address(LEECH), new HalfDone());
        }
    }

    /** Sends what may be a key, and no more. */
    private final class HalfDone implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {
            openVisitors++;
            byte[] key = new byte[96];
            simulation.random.nextBytes(key);
            connection.write(Unpooled.wrappedBuffer(key));
            connection.flush();
        }

        @Override
        public void received(ByteBuf bytes) {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            openVisitors--;
        }
    }

    /** Ends each connection at the first byte. */
    private static final class Closing implements ConnectionHandler {
        private @Nullable Connection connection;

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            if (connection != null) {
                connection.close();
            }
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
