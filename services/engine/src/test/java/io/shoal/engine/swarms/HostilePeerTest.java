package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that break the protocol at the worst moment; the torrent must make progress all the same. */
class HostilePeerTest {
    private static final int LEECH = 1;
    private static final int HOSTILE = 2;
    private static final int HONEST = 3;

    private final Simulation simulation = new Simulation(7);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(16 << 10, 7);
    private final Info info = RandomContent.torrent(content, 16 << 10, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());
    private boolean finished;

    @BeforeEach
    void join() throws IOException {
        network.of(HOSTILE, 1_000_000).listen(SimulatedNetwork.address(HOSTILE), remote -> new LastBlockThenGarbage());
        Engine engine = network.engine(LEECH, 1_000_000);
        TorrentHandle torrent = engine.add(
                new TorrentSpec(
                        info, SimulatedNetwork.peerId(LEECH), List.of(), Resumed.FRESH, PieceWish.ALL, Mode.RUN),
                store,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished = true;
                    }
                });
        torrent.addPeer(SimulatedNetwork.address(HOSTILE));
    }

    @Test
    void aBlockFollowedByGarbageInTheSameReadIsKept() {
        assertThat(simulation.run(Duration.ofSeconds(5), () -> finished)).isTrue();
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void silentConnectionsDoNotKeepOthersOut() {
        for (int i = 0; i < 2 * EngineLimits.HANDSHAKES; i++) {
            network.of(HOSTILE, 1_000_000)
                    .connect(simulation.loop, SimulatedNetwork.address(LEECH), new Visitor(false));
        }
        simulation.run(Duration.ofSeconds(1), () -> false);
        Visitor honest = new Visitor(true);
        network.of(HONEST, 1_000_000).connect(simulation.loop, SimulatedNetwork.address(LEECH), honest);
        assertThat(simulation.run(Duration.ofSeconds(1), () -> honest.isAnswered))
                .isTrue();
    }

    /** Waits for the peer's bytes; with or without a handshake of its own. */
    private final class Visitor implements ConnectionHandler {
        private final boolean sendsHandshake;
        private boolean isAnswered;

        Visitor(boolean sendsHandshake) {
            this.sendsHandshake = sendsHandshake;
        }

        @Override
        public void opened(Connection opened) {
            if (sendsHandshake) {
                ByteBuf out = Unpooled.buffer();
                new Handshake(info.hash(), SimulatedNetwork.peerId(HONEST), Capabilities.NONE).encode(out);
                opened.write(out);
                opened.flush();
            }
        }

        @Override
        public void received(ByteBuf bytes) {
            isAnswered = true;
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }

    private final class LastBlockThenGarbage implements ConnectionHandler {
        private int reads;
        private @Nullable Connection connection;

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            ByteBuf out = Unpooled.buffer();
            if (reads == 0) {
                new Handshake(info.hash(), SimulatedNetwork.peerId(HOSTILE), Capabilities.NONE).encode(out);
                BitSet all = new BitSet();
                all.set(0);
                PeerMessages.bitfield(out, all, 1);
                PeerMessages.unchoke(out);
            } else if (reads == 1) {
                PeerMessages.blockHeader(out, 0, 0, content.length);
                out.writeBytes(content);
                out.writeInt(-1);
            }
            reads++;
            Connection to = Objects.requireNonNull(connection);
            to.write(out);
            to.flush();
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
