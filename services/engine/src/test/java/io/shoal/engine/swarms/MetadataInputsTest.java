package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers of a magnet as they really are: each must be good for the metadata at its first connection. */
class MetadataInputsTest {
    private static final int OURS = 1;
    private static final int PEER = 2;

    private final Simulation simulation = new Simulation(23);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final Info info = RandomContent.torrent(RandomContent.bytes(16 << 10, 23), 16 << 10, false);
    private final List<ScriptedPeer> connections = new ArrayList<>();
    private byte @Nullable [] resolved;

    @BeforeEach
    void resolve() throws IOException {
        Engine engine = network.engine(OURS, 1_000_000);
        engine.resolve(
                new ResolveSpec(
                        info.hash(),
                        SimulatedNetwork.peerId(OURS),
                        List.of(),
                        List.of(SimulatedNetwork.address(PEER)),
                        Resumed.FRESH,
                        ""),
                bytes -> resolved = bytes);
    }

    @Test
    void aBitfieldWithoutBytesMeansNothingWithoutMetadata() throws Exception {
        ByteBuf bitfield = Unpooled.buffer().writeInt(1).writeByte(5);
        listen(bitfield, info.size(), info.size());
        resolves();
    }

    @Test
    void anyBitfieldMeansNothingWithoutMetadata() throws Exception {
        ByteBuf bitfield = Unpooled.buffer().writeInt(1 + 77).writeByte(5).writeZero(77);
        listen(bitfield, info.size(), info.size());
        resolves();
    }

    @Test
    void theTotalSizeOfAPieceIsNotChecked() throws Exception {
        listen(Unpooled.EMPTY_BUFFER, info.size(), 1);
        resolves();
    }

    @Test
    void aSizeIsCorrectedByASecondExtendedHandshake() throws Exception {
        listen(handshakeWithSize(info.size() + 1000), info.size(), info.size());
        resolves();
    }

    @Test
    void ourHandshakeIsSentAsSoonAsTheInfoHashHasCome() throws Exception {
        simulation.run(Duration.ofSeconds(1), () -> false);
        ByteBuf handshake = Unpooled.buffer();
        new Handshake(info.hash(), SimulatedNetwork.peerId(PEER), Capabilities.OURS).encode(handshake);
        Hesitant peer = new Hesitant(handshake);
        network.of(PEER, 1_000_000).connect(simulation.loop, SimulatedNetwork.address(OURS), peer);
        assertThat(simulation.run(Duration.ofSeconds(5), () -> peer.received.readableBytes() > Handshake.LENGTH))
                .as("answered, and then accepted")
                .isTrue();
        Handshake ours = Handshake.decode(peer.received);
        assertThat(ours.infoHash()).isEqualTo(info.hash());
        assertThat(ours.peerId()).isEqualTo(SimulatedNetwork.peerId(OURS));
        assertThat(peer.received.getByte(peer.received.readerIndex() + 4))
                .as("the extended handshake is next")
                .isEqualTo((byte) 20);
    }

    private void resolves() {
        assertThat(simulation.run(Duration.ofSeconds(10), () -> resolved != null))
                .isTrue();
        assertThat(InfoHash.ofInfo(Objects.requireNonNull(resolved))).isEqualTo(info.hash());
        assertThat(connections).hasSize(1);
    }

    private static ByteBuf handshakeWithSize(int size) {
        ByteBuf out = Unpooled.buffer();
        PeerMessages.extended(
                out, 0, BencodeEncoder.encode(Map.of("m", Map.of("ut_metadata", 3), "metadata_size", size)));
        return out;
    }

    private void listen(ByteBuf first, int size, int totalSize) throws IOException {
        network.of(PEER, 1_000_000).listen(SimulatedNetwork.address(PEER), remote -> {
            ScriptedPeer peer = new ScriptedPeer(first, size, totalSize);
            connections.add(peer);
            return peer;
        });
    }

    /** Sends {@code first}, then an extended handshake with {@code size}, and answers requests with {@code totalSize}. */
    private final class ScriptedPeer implements ConnectionHandler {
        private final ByteBuf first;
        private final int size;
        private final int totalSize;
        private final ByteBuf received = Unpooled.buffer();
        private boolean isGreeted;
        private @Nullable Connection connection;

        ScriptedPeer(ByteBuf first, int size, int totalSize) {
            this.first = first;
            this.size = size;
            this.totalSize = totalSize;
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
            ByteBuf out = Unpooled.buffer();
            if (!isGreeted && received.readableBytes() >= Handshake.LENGTH) {
                isGreeted = true;
                received.skipBytes(Handshake.LENGTH);
                new Handshake(info.hash(), SimulatedNetwork.peerId(PEER), Capabilities.OURS).encode(out);
                out.writeBytes(first.duplicate()).writeBytes(handshakeWithSize(size));
            }
            while (isGreeted
                    && received.readableBytes() >= 4
                    && received.readableBytes() >= 4 + received.getInt(received.readerIndex())) {
                answer(received.readSlice(received.readInt()), out);
            }
            Connection to = Objects.requireNonNull(connection);
            to.write(out);
            to.flush();
        }

        private void answer(ByteBuf message, ByteBuf out) {
            if (message.readableBytes() < 2 || message.readByte() != 20 || message.readByte() != 3) {
                return;
            }
            try {
                if (MetadataMessage.decode(message) instanceof MetadataMessage.Request request) {
                    int from = request.piece() * MetadataMessage.PIECE;
                    byte[] piece =
                            Arrays.copyOfRange(info.bytes(), from, Math.min(info.size(), from + MetadataMessage.PIECE));
                    PeerMessages.extended(out, 1, new MetadataMessage.Data(request.piece(), totalSize, piece).encode());
                }
            } catch (PeerWireException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }

    /** Sends its handshake up to the info-hash, and the rest when it has ours. */
    private static final class Hesitant implements ConnectionHandler {
        private final ByteBuf handshake;
        private final ByteBuf received = Unpooled.buffer();
        private @Nullable Connection connection;

        Hesitant(ByteBuf handshake) {
            this.handshake = handshake;
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
            opened.write(handshake.readRetainedSlice(48));
            opened.flush();
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
            if (received.readableBytes() == Handshake.LENGTH) {
                Connection to = Objects.requireNonNull(connection);
                to.write(handshake.readRetainedSlice(handshake.readableBytes()));
                to.flush();
            }
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
