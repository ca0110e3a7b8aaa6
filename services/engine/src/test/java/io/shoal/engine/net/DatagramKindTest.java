package io.shoal.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.announce.UdpAnnounce;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DatagramKindTest {
    private static DatagramKind kind(byte[] bytes) {
        ByteBuf datagram = Unpooled.buffer().writeZero(3).writeBytes(bytes).skipBytes(3);
        return DatagramKind.of(datagram);
    }

    private static DatagramKind kind(String text) {
        return kind(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] begun(int length, int... first) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < first.length; i++) {
            bytes[i] = (byte) first[i];
        }
        return bytes;
    }

    @Test
    void theKindsAreToldApart() {
        assertThat(kind("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"))
                .isEqualTo(DatagramKind.KRPC);
        assertThat(kind("d1:ad2:id20:abcdefghij0123")).as("cut off").isEqualTo(DatagramKind.UNKNOWN);
        for (int type = 0; type <= 4; type++) {
            assertThat(kind(begun(20, type << 4 | 1))).as("type %d", type).isEqualTo(DatagramKind.UTP);
        }
        assertThat(kind(begun(20, 5 << 4 | 1))).isEqualTo(DatagramKind.UNKNOWN);
        assertThat(kind(begun(20, 4 << 4 | 2))).as("version 2").isEqualTo(DatagramKind.UNKNOWN);
        assertThat(kind(begun(19, 0x41))).as("shorter than a header").isEqualTo(DatagramKind.UNKNOWN);
        for (int action = 0; action <= 3; action++) {
            assertThat(kind(begun(16, 0, 0, 0, action))).as("action %d", action).isEqualTo(DatagramKind.TRACKER);
        }
        assertThat(kind(begun(16, 0, 0, 0, 4))).isEqualTo(DatagramKind.UNKNOWN);
        assertThat(kind(begun(7, 0, 0, 0, 1))).isEqualTo(DatagramKind.UNKNOWN);
        assertThat(kind(begun(16, 0x80, 0, 0, 1))).isEqualTo(DatagramKind.UNKNOWN);
    }

    /** What a stranger sends as a tracker's reply is parsed, whatever follows its head. */
    @Test
    void shortAndRandomDatagramsAreNoFault() {
        Random random = new Random(1);
        for (int length = 0; length < 64; length++) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < 200; i++) {
                random.nextBytes(bytes);
                if (length > 4) {
                    Arrays.fill(bytes, 0, 3, (byte) 0);
                    bytes[3] = (byte) (i % 5);
                }
                assertThat(kind(bytes) == DatagramKind.TRACKER).isEqualTo(length >= 8 && i % 5 <= 3);
                UdpAnnounce.parse(ByteBuffer.wrap(bytes), i % 2 == 0);
            }
        }
    }
}
