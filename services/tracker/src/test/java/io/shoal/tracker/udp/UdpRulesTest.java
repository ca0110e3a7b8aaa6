package io.shoal.tracker.udp;

import static io.shoal.tracker.udp.UdpTest.announce;
import static io.shoal.tracker.udp.UdpTest.error;
import static io.shoal.tracker.udp.UdpTest.exchange;
import static io.shoal.tracker.udp.UdpTest.hash;
import static io.shoal.tracker.udp.UdpTest.id;
import static io.shoal.tracker.udp.UdpTest.join;
import static io.shoal.tracker.udp.UdpTest.scrape;
import static io.shoal.tracker.udp.UdpTest.socket;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.swarms.SwarmKey;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The admission rules over UDP: passkeys in BEP 41's options (row 12), rates. */
class UdpRulesTest {
    private static final InfoHash TORRENT = InfoHash.ofHex("00".repeat(20));
    private static final String PASSKEY = "0123456789abcdef".repeat(2);

    private static byte[] url(String... pieces) {
        byte[] options = new byte[0];
        for (String piece : pieces) {
            byte[] head = {2, (byte) piece.length()};
            options = join(join(options, head), piece.getBytes(StandardCharsets.US_ASCII));
        }
        return options;
    }

    @Test
    void row12ThePasskeyComesInTheUrlOfTheOptions() throws Exception {
        try (Loopback tracker = Loopback.registered();
                DatagramSocket socket = socket(tracker, "127.0.0.1")) {
            UUID tenant = new UUID(1, 1);
            tracker.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(SwarmKey.of(TORRENT)), tenant);
            tracker.passkeys.put(
                    PasskeyHash.of(PASSKEY), new AdmissionRecord.Passkey(1, 1, tenant, new UUID(2, 2), false));
            byte[] plain = announce(id(socket), 1, 0);
            byte[] cut = url("/" + PASSKEY.substring(0, 9), PASSKEY.substring(9) + "/announce?x=1");

            byte[] unknown = {77, 2, 2, 0, 1};
            for (byte[] options : List.of(url("/" + PASSKEY + "/announce"), cut, join(unknown, cut))) {
                ByteBuffer reply = exchange(socket, join(plain, options));
                assertThat(reply.getInt()).isEqualTo(1);
                assertThat(reply.getInt(12)).as("leechers").isEqualTo(1);
            }
            assertThat(error(exchange(socket, plain))).isEqualTo("unregistered torrent");
            assertThat(error(exchange(socket, join(plain, url("/announce"))))).isEqualTo("unregistered torrent");
            String wrong = PASSKEY.replace('0', '1');
            assertThat(error(exchange(socket, join(plain, url("/" + wrong + "/announce")))))
                    .isEqualTo("unknown passkey");
            assertThat(exchange(socket, scrape(id(socket), hash(0))).getInt(16))
                    .as("a scrape carries no passkey")
                    .isZero();
        }
    }

    @Test
    void whoAsksTooMuchGetsAnErrorAndIsServedLater() throws Exception {
        try (Loopback tracker = Loopback.limited(2);
                DatagramSocket socket = socket(tracker, "127.0.0.1");
                DatagramSocket other = socket(tracker, "127.0.0.2")) {
            byte[] announce = announce(id(socket), 1, 0);
            exchange(socket, announce);
            exchange(socket, announce);
            assertThat(error(exchange(socket, announce))).isEqualTo("too many requests");
            assertThat(error(exchange(socket, scrape(id(socket), hash(0))))).isEqualTo("too many requests");
            assertThat(exchange(other, announce(id(other), 1, 0)).getInt()).isEqualTo(1);
            tracker.clock.addAndGet(1_000);
            assertThat(exchange(socket, announce).getInt()).isEqualTo(1);
        }
    }
}
