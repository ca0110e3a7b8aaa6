package io.shoal.bittorrent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeerMessageDecoderTest {
    private static final int ROUNDS = 2_000;

    private final List<String> heard = new ArrayList<>();
    private final PeerMessageDecoder decoder =
            new PeerMessageDecoder(UnpooledByteBufAllocator.DEFAULT, new Recorder(heard));

    @Test
    void messagesAreTheSameHoweverTheStreamIsSplit() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < ROUNDS / 10; round++) {
            List<String> said = new ArrayList<>();
            ByteBuf stream = conversation(random, said);
            heard.clear();
            while (stream.isReadable()) {
                int length = Math.min(stream.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 20 : 40_000));
                ByteBuf read = Unpooled.copiedBuffer(stream.readSlice(length));
                decoder.decode(read);
                assertThat(read.isReadable()).isFalse();
                read.release();
            }
            assertThat(heard).isEqualTo(said);
            stream.release();
        }
    }

    @Test
    void anyBytesAreMessagesOrBreakTheProtocol() {
        SplittableRandom random = new SplittableRandom(11);
        int broken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            PeerMessageDecoder fresh =
                    new PeerMessageDecoder(UnpooledByteBufAllocator.DEFAULT, new Recorder(new ArrayList<>()));
            ByteBuf stream = conversation(random, new ArrayList<>());
            for (int i = random.nextInt(4); i >= 0; i--) {
                stream.setByte(random.nextInt(Math.min(stream.readableBytes(), 200)), random.nextInt(256));
            }
            try {
                fresh.decode(stream);
            } catch (PeerWireException e) {
                broken++;
            }
            fresh.close();
            stream.release();
        }
        assertThat(broken).isBetween(1, ROUNDS - 1);
    }

    @Test
    void anyExtendedPayloadIsUnderstoodOrBreaksTheProtocol() throws Exception {
        SplittableRandom random = new SplittableRandom(13);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] payload = random.nextBoolean()
                    ? new ExtendedHandshake(
                                    new ExtensionIds(Map.of(Extension.METADATA, 3)),
                                    1_000,
                                    6_881,
                                    250,
                                    "Client 1.0",
                                    true,
                                    ExtendedHandshake.Addresses.NONE)
                            .encode()
                    : new MetadataMessage.Data(1, 20_000, new byte[50]).encode();
            payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
            try {
                for (int id = 0; id <= 4; id++) {
                    ExtensionMessage.decode(id, Unpooled.wrappedBuffer(payload));
                }
            } catch (PeerWireException e) {
                assertThat(e).hasMessageContaining("a");
            }
        }
    }

    @Test
    void messagesOfWrongLengthsAreRefused() {
        for (String hex : List.of(
                "00100001", // longer than any
                "ffffffff", // negative
                "0000000200", // choke with a body
                "000000040400", // have of three bytes
                "0000000e06", // request of 13 bytes
                "0000000907", // a block of no bytes
                "0000400a07", // a block of 16 KiB and one byte
                "0000000114")) { // an extended message without a number
            PeerMessageDecoder fresh = new PeerMessageDecoder(UnpooledByteBufAllocator.DEFAULT, new Recorder(heard));
            assertThatThrownBy(() -> fresh.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))))
                    .as(hex)
                    .isInstanceOf(PeerWireException.class);
        }
    }

    @Test
    void messagesOfUnknownKindsAreSkipped() throws Exception {
        ByteBuf stream = Unpooled.buffer();
        stream.writeInt(100_001).writeByte(77).writeZero(100_000);
        stream.writeInt(1).writeByte(78);
        PeerMessages.unchoke(stream);

        decoder.decode(stream);

        assertThat(heard).containsExactly("unchoke");
    }

    @Test
    void aBitfieldIsReadAsItIsWritten() throws Exception {
        SplittableRandom random = new SplittableRandom(17);
        for (int count = 1; count < 100; count++) {
            BitSet pieces = new BitSet();
            for (int piece = 0; piece < count; piece++) {
                pieces.set(piece, random.nextBoolean());
            }
            ByteBuf out = Unpooled.buffer();
            PeerMessages.bitfield(out, pieces, count);
            assertThat(PeerMessages.readBitfield(out.skipBytes(5), count)).isEqualTo(pieces);
        }
        assertThatThrownBy(() -> PeerMessages.readBitfield(Unpooled.wrappedBuffer(new byte[] {1}), 7))
                .isInstanceOf(PeerWireException.class);
        assertThatThrownBy(() -> PeerMessages.readBitfield(Unpooled.wrappedBuffer(new byte[2]), 7))
                .isInstanceOf(PeerWireException.class);
    }

    private static ByteBuf conversation(SplittableRandom random, List<String> said) {
        ByteBuf out = Unpooled.buffer();
        Recorder recorder = new Recorder(said);
        for (int i = random.nextInt(1, 30); i > 0; i--) {
            int a = random.nextInt(1_000);
            int b = random.nextInt(1 << 20);
            switch (random.nextInt(10)) {
                case 0 -> {
                    PeerMessages.choke(out);
                    recorder.choke();
                }
                case 1 -> {
                    PeerMessages.unchoke(out);
                    recorder.unchoke();
                }
                case 2 -> {
                    PeerMessages.interested(out);
                    recorder.interested();
                }
                case 3 -> {
                    PeerMessages.notInterested(out);
                    recorder.notInterested();
                }
                case 4 -> {
                    PeerMessages.have(out, a);
                    recorder.have(a);
                }
                case 5 -> {
                    PeerMessages.request(out, a, b, 16_384);
                    recorder.request(a, b, 16_384);
                }
                case 6 -> {
                    PeerMessages.cancel(out, a, b, 16_384);
                    recorder.cancel(a, b, 16_384);
                }
                case 7 -> {
                    PeerMessages.keepAlive(out);
                    recorder.keepAlive();
                }
                case 8 -> {
                    byte[] payload = new byte[random.nextInt(3_000)];
                    random.nextBytes(payload);
                    PeerMessages.extended(out, 1, payload);
                    recorder.extended(1, Unpooled.wrappedBuffer(payload));
                }
                default -> {
                    byte[] block = new byte[random.nextInt(1, WireLimits.BLOCK_BYTES + 1)];
                    random.nextBytes(block);
                    PeerMessages.blockHeader(out, a, b, block.length);
                    out.writeBytes(block);
                    recorder.block(a, b, Unpooled.wrappedBuffer(block));
                }
            }
        }
        return out;
    }

    /** Writes down what it hears. */
    private record Recorder(List<String> heard) implements PeerMessageHandler {
        @Override
        public void keepAlive() {
            heard.add("keep-alive");
        }

        @Override
        public void choke() {
            heard.add("choke");
        }

        @Override
        public void unchoke() {
            heard.add("unchoke");
        }

        @Override
        public void interested() {
            heard.add("interested");
        }

        @Override
        public void notInterested() {
            heard.add("not interested");
        }

        @Override
        public void have(int piece) {
            heard.add("have " + piece);
        }

        @Override
        public void bitfield(ByteBuf bits) {
            heard.add("bitfield " + ByteBufUtil.hexDump(bits));
        }

        @Override
        public void request(int piece, int begin, int length) {
            heard.add("request " + piece + " " + begin + " " + length);
        }

        @Override
        public void cancel(int piece, int begin, int length) {
            heard.add("cancel " + piece + " " + begin + " " + length);
        }

        @Override
        public void block(int piece, int begin, ByteBuf data) {
            heard.add("block " + piece + " " + begin + " " + ByteBufUtil.hashCode(data));
            data.release();
        }

        @Override
        public void extended(int id, ByteBuf payload) {
            heard.add("extended " + id + " " + ByteBufUtil.hashCode(payload));
        }
    }
}
