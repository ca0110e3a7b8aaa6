package io.shoal.bittorrent.announce;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UdpAnnounceTest {
    private static final AnnounceRequest REQUEST = new AnnounceRequest(
            InfoHash.ofHex("0102030405060708090a0b0c0d0e0f1011121314"),
            PeerId.of("-SH0100-abcdefghijkl".getBytes(StandardCharsets.US_ASCII)),
            0x55667788,
            0xfedc,
            3,
            1,
            2,
            AnnounceEvent.STARTED,
            80,
            "198.51.100.7",
            null);

    private static String hex(ByteBuffer packet) {
        byte[] bytes = new byte[packet.remaining()];
        packet.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static ByteBuffer packet(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    @Test
    void connectIsAsTheBepHasIt() {
        assertThat(hex(UdpAnnounce.connect(0x11223344))).isEqualTo("0000041727101980" + "00000000" + "11223344");
    }

    @Test
    void announceIsAsTheBepHasIt() {
        assertThat(hex(UdpAnnounce.announce(0x0807060504030201L, 0x11223344, REQUEST, "")))
                .isEqualTo("0807060504030201" + "00000001" + "11223344"
                        + "0102030405060708090a0b0c0d0e0f1011121314"
                        + "2d5348303130302d6162636465666768696a6b6c"
                        + "0000000000000001" + "0000000000000002" + "0000000000000003"
                        + "00000002" + "c6336407" + "55667788" + "00000050" + "fedc");
    }

    @Test
    void thePathFollowsInPartsOf255Bytes() {
        String packet = hex(UdpAnnounce.announce(0, 0, REQUEST, "/a?b"));
        assertThat(packet.substring(2 * 98)).isEqualTo("0204" + "2f613f62");
        String longer = hex(UdpAnnounce.announce(0, 0, REQUEST, "/".repeat(256)));
        assertThat(longer.substring(2 * 98)).isEqualTo("02ff" + "2f".repeat(255) + "0201" + "2f");
    }

    @Test
    void eventsHaveTheirNumbers() {
        assertThat(List.of(AnnounceEvent.values()).stream().map(AnnounceEvent::udp))
                .containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void repliesAreRead() {
        assertThat(UdpAnnounce.parse(packet("00000000" + "11223344" + "0807060504030201"), false))
                .isEqualTo(new UdpAnnounce.Reply.Connected(0x11223344, 0x0807060504030201L));
        assertThat(UdpAnnounce.parse(
                        packet("00000001" + "11223344" + "00000708" + "00000002" + "00000001" + "c63364011ae1" + "ff"),
                        false))
                .isEqualTo(new UdpAnnounce.Reply.Announced(
                        0x11223344,
                        new AnnounceReply(
                                1800,
                                0,
                                1,
                                2,
                                List.of(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 6881)),
                                null,
                                null)));
        assertThat(UdpAnnounce.parse(
                        packet("00000001" + "00000000" + "00000708" + "00000002" + "00000001"
                                + "20010db8000000000000000000000001" + "1ae1"),
                        true))
                .isInstanceOfSatisfying(
                        UdpAnnounce.Reply.Announced.class,
                        announced -> assertThat(announced.reply().peers())
                                .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 6881)));
        assertThat(UdpAnnounce.parse(packet("00000003" + "11223344" + "6e6f0a" + "6e6f"), false))
                .isEqualTo(new UdpAnnounce.Reply.Refused(0x11223344, "no no"));
    }

    @Test
    void otherPacketsAreNoReply() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length > 3) {
                bytes[0] = bytes[1] = bytes[2] = 0;
                bytes[3] = (byte) random.nextInt(5);
            }
            UdpAnnounce.Reply reply = UdpAnnounce.parse(ByteBuffer.wrap(bytes), random.nextBoolean());
            if (reply instanceof UdpAnnounce.Reply.Announced(int transaction, AnnounceReply announced)) {
                assertThat(announced.interval()).isBetween(0, AnnounceReply.INTERVAL_MAX);
            }
        }
        assertThat(UdpAnnounce.parse(packet("00000000" + "11223344" + "08070605"), false))
                .isNull();
        assertThat(UdpAnnounce.parse(packet("00000002" + "11223344" + "0807060504030201"), false))
                .isNull();
    }
}
