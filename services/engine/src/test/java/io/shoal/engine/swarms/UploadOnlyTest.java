package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Peers know at any time whether the torrent wants anything of them (BEP 21). */
class UploadOnlyTest {
    private static final int SEED = 1;
    private static final int LEECH = 2;
    private static final int VISITOR = 3;
    private static final PieceWish FIRST_HALF = piece -> piece < 4 ? 1 : 0;

    private final Simulation simulation = new Simulation(29);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(8 * (64 << 10), 29);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);
    private int finished;

    @Test
    void peersAreToldWhenTheDownloadEndsAndWhenTheWishGrows() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        TorrentHandle leech = join(LEECH, MemoryStore.empty(info.pieces()), FIRST_HALF, Mode.RUN);
        Visitor plain = new Visitor("d1:mdee");
        Visitor modern = new Visitor("d1:md11:upload_onlyi9eee");
        for (Visitor visitor : List.of(plain, modern)) {
            network.of(VISITOR, 1_000_000).connect(simulation.loop, SimulatedNetwork.address(LEECH), visitor);
        }
        simulation.run(Duration.ofSeconds(1), () -> false);
        leech.addPeer(SimulatedNetwork.address(SEED));
        assertThat(simulation.run(Duration.ofSeconds(20), () -> finished == 1)).isTrue();
        simulation.run(Duration.ofSeconds(5), () -> false);
        assertThat(plain.uploadOnly).containsExactly(false, true);
        assertThat(modern.uploadOnly).containsExactly(false, true);
        assertThat(plain.handshakes).hasSize(2);
        assertThat(plain.handshakes.getLast().ids())
                .as("some clients drop what a later handshake does not name")
                .isEqualTo(plain.handshakes.getFirst().ids());
        assertThat(modern.handshakes).hasSize(1);

        leech.want(PieceWish.ALL);
        assertThat(simulation.run(Duration.ofSeconds(20), () -> finished == 2)).isTrue();
        simulation.run(Duration.ofSeconds(5), () -> false);
        assertThat(plain.uploadOnly).containsExactly(false, true, false, true);
        assertThat(modern.uploadOnly).containsExactly(false, true, false, true);
    }

    private TorrentHandle join(int host, MemoryStore store, PieceWish wish, Mode mode) throws IOException {
        Engine engine = network.engine(host, 100_000);
        return engine.add(
                new TorrentSpec(info, SimulatedNetwork.peerId(host), List.of(), Resumed.FRESH, wish, mode),
                store,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished += host == LEECH ? 1 : 0;
                    }
                });
    }

    /** A connected peer that has nothing, and records what it is told. */
    private final class Visitor implements ConnectionHandler {
        private final String extendedHandshake;
        private final ByteBuf received = Unpooled.buffer();
        private final List<ExtendedHandshake> handshakes = new ArrayList<>();
        private final List<Boolean> uploadOnly = new ArrayList<>();
        private boolean isGreeted;

        Visitor(String extendedHandshake) {
            this.extendedHandshake = extendedHandshake;
        }

        @Override
        public void opened(Connection opened) {
            ByteBuf out = Unpooled.buffer();
            new Handshake(info.hash(), SimulatedNetwork.peerId(100 + extendedHandshake.length()), Capabilities.OURS)
                    .encode(out);
            PeerMessages.extended(out, 0, extendedHandshake.getBytes(StandardCharsets.US_ASCII));
            PeerMessages.interested(out);
            opened.write(out);
            opened.flush();
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
            if (!isGreeted && received.readableBytes() >= Handshake.LENGTH) {
                isGreeted = true;
                received.skipBytes(Handshake.LENGTH);
            }
            while (isGreeted
                    && received.readableBytes() >= 4
                    && received.readableBytes() >= 4 + received.getInt(received.readerIndex())) {
                message(received.readSlice(received.readInt()));
            }
        }

        private void message(ByteBuf message) {
            if (message.readableBytes() < 2 || message.readByte() != 20) {
                return;
            }
            int id = message.readByte();
            if (id == 0) {
                try {
                    ExtendedHandshake handshake = ExtendedHandshake.decode(message);
                    handshakes.add(handshake);
                    uploadOnly.add(Boolean.TRUE.equals(handshake.uploadOnly()));
                    assertThat(handshake.ids().of(Extension.METADATA)).isPositive();
                } catch (PeerWireException e) {
                    throw new AssertionError(e);
                }
            } else if (id == 9) {
                uploadOnly.add(message.readByte() == 1);
            }
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
