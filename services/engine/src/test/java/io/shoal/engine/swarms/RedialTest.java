package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When an address that trackers name again and again is dialled again: not while its peer is connected, and seldom if it is of no use. */
class RedialTest {
    private static final int OURS = 2;
    private static final int PEER = 3;
    private static final int FAST = 1_000_000;

    /** Slow enough for a download of 10 minutes. */
    private static final int SLOW = 600;

    private final Simulation simulation = new Simulation(13);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(8 * (64 << 10), 13);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);
    private final List<Dial> dials = new ArrayList<>();

    /** What the tracker names first. */
    private List<InetSocketAddress> atFirst = List.of();

    private record Dial(int from, InetSocketAddress to, Duration at) {}

    @Test
    void aPeerThatCameInIsNotDialledAtItsListenAddress() throws Exception {
        comesInAndStays("-AA0001-000000000000", "-ZZ0001-000000000000");
    }

    @Test
    void aPeerThatCameInIsNotDialledIfItHasTheLesserId() throws Exception {
        comesInAndStays("-ZZ0001-000000000000", "-AA0001-000000000000");
    }

    private void comesInAndStays(String ourId, String peerId) throws IOException {
        Engine ours = engine(OURS, FAST, SimulatedNetwork.address(PEER));
        Engine other = engine(PEER, SLOW);
        TorrentHandle seed = join(ours, ourId, MemoryStore.of(info.pieces(), content), true);
        TorrentHandle peer = join(other, peerId, MemoryStore.empty(info.pieces()), false);
        peer.addPeer(SimulatedNetwork.address(OURS));
        simulation.run(Duration.ofMinutes(10), () -> false);

        assertThat(dials)
                .as("the first connection lasts")
                .extracting(Dial::from)
                .containsExactly(PEER);
        assertThat(seed.stats().peers()).hasSize(1);
    }

    @Test
    void aPeerThatClosesAfterTheHandshakeIsDialledLessAndLess() throws Exception {
        atFirst = List.of(SimulatedNetwork.address(PEER));
        network.of(PEER, FAST).listen(SimulatedNetwork.address(PEER), remote -> new Answering(Unpooled.EMPTY_BUFFER));
        Engine ours = engine(OURS, FAST, SimulatedNetwork.address(PEER));
        join(ours, "-AA0001-000000000000", MemoryStore.empty(info.pieces()), false);
        simulation.run(Duration.ofSeconds(75), () -> false);
        assertThat(dials).as("in 75 s").hasSize(2);
        simulation.run(Duration.ofSeconds(225), () -> false);
        assertThat(dials).as("in 5 min").hasSizeLessThanOrEqualTo(3);
        simulation.run(Duration.ofMinutes(30), () -> false);
        assertThat(dials).as("it is tried again while trackers name it").hasSizeGreaterThan(3);
    }

    @Test
    void aPeerThatBreaksTheProtocolWaitsThreeTimesAsLong() throws Exception {
        atFirst = List.of(SimulatedNetwork.address(PEER));
        ByteBuf garbage = Unpooled.buffer().writeInt(-1);
        network.of(PEER, FAST).listen(SimulatedNetwork.address(PEER), remote -> new Answering(garbage));
        Engine ours = engine(OURS, FAST, SimulatedNetwork.address(PEER));
        join(ours, "-AA0001-000000000000", MemoryStore.empty(info.pieces()), false);
        simulation.run(Duration.ofSeconds(175), () -> false);
        assertThat(dials).hasSize(1);
        simulation.run(Duration.ofSeconds(125), () -> false);
        assertThat(dials).hasSize(2);
    }

    @Test
    void anAddressOfAConnectedPeerIsLearnedFromADuplicate() throws Exception {
        network.of(PEER, FAST).listen(SimulatedNetwork.address(PEER), remote -> new Answering(Unpooled.EMPTY_BUFFER));
        Engine ours = engine(OURS, FAST, SimulatedNetwork.address(PEER));
        TorrentHandle seed = join(ours, "-ZZ0001-000000000000", MemoryStore.of(info.pieces(), content), true);
        network.of(PEER, FAST).connect(simulation.loop, SimulatedNetwork.address(OURS), new Interested());
        simulation.run(Duration.ofMinutes(10), () -> false);
        assertThat(dials).hasSize(1);
        assertThat(seed.stats().peers()).hasSize(1);
    }

    private Engine engine(int host, int bytesPerSecond, InetSocketAddress... named) throws IOException {
        long joinedAt = simulation.now();
        TrackerClient trackers = (url, request, loop, done) -> {
            List<InetSocketAddress> peers = simulation.now() == joinedAt ? atFirst : List.of(named);
            loop.execute(() ->
                    done.accept(new TrackerClient.Answered(new AnnounceReply(60, 60, -1, -1, peers, null, null))));
        };
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> false, 0, 0),
                new RecordingNetwork(
                        network.of(host, bytesPerSecond),
                        remote -> dials.add(new Dial(host, remote, Duration.ofNanos(simulation.now())))),
                address -> true,
                trackers,
                simulation.workers,
                simulation.random.split());
    }

    private TorrentHandle join(Engine engine, String id, MemoryStore store, boolean seed) {
        return engine.add(
                new TorrentSpec(
                        info,
                        PeerId.of(id.getBytes(StandardCharsets.US_ASCII)),
                        List.of(List.of("http://tracker.invalid/announce")),
                        Resumed.FRESH,
                        PieceWish.ALL,
                        seed ? Mode.SEED : Mode.RUN),
                store,
                new StrictListener());
    }

    private Handshake handshake() {
        return new Handshake(
                info.hash(), PeerId.of("-XX0001-000000000000".getBytes(StandardCharsets.US_ASCII)), Capabilities.NONE);
    }

    /** Stays connected, and does not tell where it listens. */
    private final class Interested implements ConnectionHandler {
        @Override
        public void opened(Connection opened) {
            ByteBuf out = Unpooled.buffer();
            handshake().encode(out);
            PeerMessages.interested(out);
            send(opened, out);
        }

        private void send(Connection to, ByteBuf out) {
            to.write(out);
            to.flush();
            simulation.after(
                    Duration.ofMinutes(1), () -> send(to, Unpooled.buffer().writeInt(0)));
        }

        @Override
        public void received(ByteBuf bytes) {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }

    /** Answers a handshake, sends {@code then}, and closes. */
    private final class Answering implements ConnectionHandler {
        private final ByteBuf then;
        private @Nullable Connection connection;

        Answering(ByteBuf then) {
            this.then = then;
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            Connection to = Objects.requireNonNull(connection);
            ByteBuf out = Unpooled.buffer();
            handshake().encode(out);
            out.writeBytes(then.duplicate());
            to.write(out);
            to.flush();
            simulation.after(Duration.ofSeconds(1), to::close);
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
