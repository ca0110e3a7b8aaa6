package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.Seats;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Torrents of one engine share its connections and its dials, whichever was first. */
class FairConnectionsTest {
    private static final int OURS = 1;
    private static final int PEERS = 2;
    private static final int LATER_PEERS = 3;
    private static final int DEAD = 4;
    private static final int LIMIT = 100;
    private static final int MANY = 150;
    private static final PeerId OUR_ID = PeerId.of("-SH0001-000000000000".getBytes(StandardCharsets.US_ASCII));

    private final Simulation simulation = new Simulation(17);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final List<Duration> dialledAt = new ArrayList<>();
    private final Set<InetSocketAddress> dialled = new HashSet<>();
    private int peers;

    @Test
    void aLaterTorrentGetsConnectionsWhileAnEarlierOneHasThemAll() throws Exception {
        Engine engine = engine(LIMIT);
        TorrentHandle first = withReachablePeers(engine, PEERS);
        simulation.run(Duration.ofSeconds(20), () -> false);
        assertThat(first.stats().peers()).hasSize(LIMIT);

        TorrentHandle second = withReachablePeers(engine, LATER_PEERS);
        simulation.run(Duration.ofSeconds(30), () -> false);
        assertThat(second.stats().peers()).hasSizeGreaterThanOrEqualTo(EngineLimits.SEATS_FLOOR);
        assertThat(first.stats().peers()).hasSizeGreaterThanOrEqualTo(LIMIT / 2 - 1);
        assertThat(first.stats().peers().size() + second.stats().peers().size()).isLessThanOrEqualTo(LIMIT);

        simulation.run(Duration.ofMinutes(10), () -> false);
        assertThat(second.stats().peers()).hasSizeGreaterThanOrEqualTo(LIMIT / 2 - 1);
        assertThat(first.stats().peers()).hasSizeGreaterThanOrEqualTo(LIMIT / 2 - 1);
    }

    @Test
    void incomingPeersOfALaterTorrentAreLetIn() throws Exception {
        Engine engine = engine(LIMIT);
        withReachablePeers(engine, PEERS);
        simulation.run(Duration.ofSeconds(20), () -> false);

        Info info = info(LATER_PEERS);
        TorrentHandle second = join(engine, info, Mode.RUN);
        for (int i = 0; i < EngineLimits.SEATS_FLOOR; i++) {
            network.of(LATER_PEERS, 1_000_000)
                    .connect(simulation.loop, SimulatedNetwork.address(OURS), new Quiet(info, true));
        }
        simulation.run(Duration.ofSeconds(2), () -> false);
        assertThat(second.stats().peers()).hasSize(EngineLimits.SEATS_FLOOR);
    }

    @Test
    void aThousandTorrentsDialAtOnePaceAndTakeTurns() throws Exception {
        Engine engine = engine(EngineLimits.PEERS_PER_ENGINE);
        for (int i = 0; i < 1_000; i++) {
            TorrentHandle torrent = join(engine, info(i), Mode.RUN);
            for (int port = 0; port < 5; port++) {
                torrent.addPeer(SimulatedNetwork.address(DEAD, 5 * i + port));
            }
        }
        simulation.run(Duration.ofSeconds(40), () -> false);

        int perSecond = 30;
        for (int i = perSecond; i < dialledAt.size(); i++) {
            assertThat(dialledAt.get(i).minus(dialledAt.get(i - perSecond)))
                    .as("from dial %d to %d", i - perSecond, i)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
        assertThat(dialledAt).hasSizeGreaterThan(1_000);
        for (int i = 0; i < 1_000; i++) {
            int first = 5 * i;
            assertThat(dialled).as("torrent %d has had its turn", i).contains(SimulatedNetwork.address(DEAD, first));
        }
    }

    @Test
    void aMagnetIsNotHeldUpByTheMagnetsOfAnotherOwner() throws Exception {
        Engine engine = engine(EngineLimits.PEERS_PER_ENGINE);
        for (int i = 0; i < 50; i++) {
            resolve(engine, info(i), "many", dead(100 * i, 100), bytes -> {});
        }
        simulation.run(Duration.ofSeconds(5), () -> false);

        Info wanted = info(50);
        network.engine(PEERS, 1_000_000)
                .add(
                        spec(wanted, SimulatedNetwork.peerId(PEERS), Mode.SEED),
                        MemoryStore.of(wanted.pieces(), content(50)),
                        new StrictListener());
        List<InetSocketAddress> named = new ArrayList<>(dead(6_000, 20));
        named.add(SimulatedNetwork.address(PEERS));
        List<byte[]> resolved = new ArrayList<>();
        resolve(engine, wanted, "one", named, resolved::add);
        assertThat(simulation.run(Duration.ofSeconds(3), () -> !resolved.isEmpty()))
                .as("20 dials to dead peers are every second one of 30 a second")
                .isTrue();
        assertThat(resolved.getFirst()).isEqualTo(wanted.bytes());
    }

    private static List<InetSocketAddress> dead(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(port -> SimulatedNetwork.address(DEAD, port))
                .toList();
    }

    private static void resolve(
            Engine engine, Info info, String owner, List<InetSocketAddress> peers, Consumer<byte[]> resolved) {
        engine.resolve(new ResolveSpec(info.hash(), OUR_ID, List.of(), peers, Resumed.FRESH, owner), resolved);
    }

    @Test
    void aTorrentThatNeedsNothingDialsFewer() throws Exception {
        Engine engine = engine(EngineLimits.PEERS_PER_ENGINE);
        Info info = info(PEERS);
        TorrentHandle seed = join(engine, info, Mode.SEED);
        listen(info, PEERS, seed);
        simulation.run(Duration.ofSeconds(20), () -> false);
        assertThat(seed.stats().peers()).hasSize(EngineLimits.SEED_DIAL_BELOW);
    }

    private Engine engine(int seats) throws IOException {
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(OURS)), null, address -> true, 0, 0),
                new RecordingNetwork(network.of(OURS, 1_000_000), remote -> {
                    dialledAt.add(Duration.ofNanos(simulation.now()));
                    dialled.add(remote);
                }),
                address -> true,
                SimulatedNetwork.NO_TRACKERS,
                simulation.workers,
                simulation.random.split(),
                new Seats(seats));
    }

    private static Info info(int number) {
        return RandomContent.torrent(content(number), 16 << 10, false);
    }

    private static byte[] content(int number) {
        return RandomContent.bytes(16 << 10, number);
    }

    private TorrentHandle withReachablePeers(Engine engine, int host) {
        Info info = info(host);
        TorrentHandle torrent = join(engine, info, Mode.RUN);
        listen(info, host, torrent);
        return torrent;
    }

    private void listen(Info info, int host, TorrentHandle torrent) {
        for (int port = 0; port < MANY; port++) {
            InetSocketAddress address = SimulatedNetwork.address(host, port);
            try {
                network.of(host, 1_000_000).listen(address, remote -> new Quiet(info, false));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            torrent.addPeer(address);
        }
    }

    private static TorrentHandle join(Engine engine, Info info, Mode mode) {
        return engine.add(spec(info, OUR_ID, mode), MemoryStore.empty(info.pieces()), new StrictListener());
    }

    private static TorrentSpec spec(Info info, PeerId id, Mode mode) {
        return new TorrentSpec(info, id, List.of(), Resumed.FRESH, PieceWish.ALL, mode);
    }

    /** A peer with an id of its own that stays connected, and has and wants nothing. */
    private final class Quiet implements ConnectionHandler {
        private final Handshake handshake;
        private final boolean isFirst;
        private boolean isGreeted;
        private boolean isClosed;
        private @Nullable Connection connection;

        Quiet(Info info, boolean isFirst) {
            String id = String.format("-XX0001-%012d", peers++);
            this.handshake =
                    new Handshake(info.hash(), PeerId.of(id.getBytes(StandardCharsets.US_ASCII)), Capabilities.NONE);
            this.isFirst = isFirst;
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
            if (isFirst) {
                greet();
            }
        }

        @Override
        public void received(ByteBuf bytes) {
            if (!isFirst && !isGreeted) {
                greet();
            }
        }

        private void greet() {
            isGreeted = true;
            ByteBuf out = Unpooled.buffer();
            handshake.encode(out);
            out.writeInt(1).writeByte(2); // interested, so that it is not closed as idle
            send(out);
        }

        private void send(ByteBuf out) {
            if (!isClosed) {
                Connection to = Objects.requireNonNull(connection);
                to.write(out);
                to.flush();
                simulation.after(
                        Duration.ofMinutes(1), () -> send(Unpooled.buffer().writeInt(0)));
            }
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            isClosed = true;
        }
    }
}
