package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.LEECH;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.Loopback;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Row 11: a load balancer says in binary who is behind it (PROXY protocol, version 2). */
class ProxyProtocolTest {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final int PROXY = 0x21;
    private static final int LOCAL = 0x20;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final String ANNOUNCE = "GET /announce?" + LEECH + " HTTP/1.1\r\n";

    private static String header(int command, int family, byte[] addresses) {
        ByteBuffer header = ByteBuffer.allocate(16 + addresses.length)
                .put(SIGNATURE)
                .put((byte) command)
                .put((byte) family)
                .putShort((short) addresses.length)
                .put(addresses);
        return new String(header.array(), StandardCharsets.ISO_8859_1);
    }

    private static String v4(int last) {
        byte[] addresses = {(byte) 192, 0, 2, (byte) last, 10, 0, 0, 1, 0x30, 0x39, 0, 80};
        return header(PROXY, TCP4, addresses);
    }

    private static byte[] seenAs(Loopback tracker, String sent) throws Exception {
        try (Client client = new Client(tracker)) {
            client.send(sent);
            return Client.bytes(client.read(true).dictionary(), "external ip");
        }
    }

    @Test
    void row11TheClientBehindATrustedProxyIsTheOneThatItNames() throws Exception {
        try (Loopback tracker = Loopback.behind("127.0.0.0/8")) {
            assertThat(seenAs(tracker, v4(7) + ANNOUNCE + "\r\n")).containsExactly(192, 0, 2, 7);

            byte[] addresses = new byte[36];
            addresses[0] = 0x20;
            addresses[1] = 1;
            addresses[15] = 9;
            assertThat(seenAs(tracker, header(PROXY, TCP6, addresses) + ANNOUNCE + "\r\n"))
                    .containsExactly(0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
        }
    }

    @Test
    void row11TheHeaderHoldsForAllRequestsOfItsConnectionAndMayComeInPieces() throws Exception {
        try (Loopback tracker = Loopback.behind("127.0.0.0/8");
                Client client = new Client(tracker)) {
            for (char piece : v4(8).toCharArray()) {
                client.send(String.valueOf(piece));
            }
            for (int request = 0; request < 3; request++) {
                client.send(ANNOUNCE + "\r\n");
                assertThat(Client.bytes(client.read(true).dictionary(), "external ip"))
                        .containsExactly(192, 0, 2, 8);
            }
        }
    }

    @Test
    void row11AProxyThatSpeaksForItselfIsItself() throws Exception {
        try (Loopback tracker = Loopback.behind("127.0.0.0/8")) {
            assertThat(seenAs(tracker, header(LOCAL, 0, new byte[0]) + ANNOUNCE + "\r\n"))
                    .containsExactly(127, 0, 0, 1);
        }
    }

    @Test
    void row11TheClientBehindTheProxyIsNotBelievedWhatHeForwards() throws Exception {
        try (Loopback tracker = Loopback.behind("127.0.0.0/8", "127.0.0.0/8")) {
            String forwarded = ANNOUNCE + "X-Forwarded-For: 203.0.113.1\r\n\r\n";
            assertThat(seenAs(tracker, v4(7) + forwarded)).containsExactly(192, 0, 2, 7);
        }
    }

    @Test
    void row11FromATrustedProxyAHeaderMustComeFirst() throws Exception {
        try (Loopback tracker = Loopback.behind("127.0.0.0/8");
                Client client = new Client(tracker)) {
            client.send(ANNOUNCE + "\r\n");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void row11NobodyElseIsBelieved() throws Exception {
        try (Loopback tracker = Loopback.behind("10.0.0.0/8");
                Client client = new Client(tracker)) {
            client.send(v4(7) + ANNOUNCE + "\r\n");
            assertThat(client.read(true).status()).isEqualTo("HTTP/1.1 400 Bad Request");
            assertThat(seenAs(tracker, ANNOUNCE + "\r\n")).containsExactly(127, 0, 0, 1);
        }
    }
}
