package io.shoal.tracker.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.tracker.Loopback;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams over loopback, as a client sends them and as none should. */
class UdpTest {
    private static final long MAGIC = 0x41727101980L;
    private static final int CONNECT = 0;
    private static final int ANNOUNCE = 1;
    private static final int SCRAPE = 2;
    private static final int ERROR = 3;
    static final int TRANSACTION = 0x7eadbeef;

    private final Loopback tracker;
    private final DatagramSocket socket;

    UdpTest() throws Exception {
        tracker = Loopback.open("127.0.0.2/32");
        socket = socket(tracker, "127.0.0.1");
    }

    static DatagramSocket socket(Loopback tracker, String from) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0));
        socket.connect(tracker.address, tracker.udp.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Asks from an address at the same one. */
    private static DatagramSocket socketOf(String host, int port) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(host, 0));
        socket.connect(new InetSocketAddress(host, port));
        socket.setSoTimeout(20_000);
        return socket;
    }

    @AfterEach
    void close() {
        socket.close();
        tracker.close();
    }

    @Test
    void row22TheReplyToConnectHasExactly16Bytes() throws Exception {
        ByteBuffer reply = exchange(socket, connect());
        assertThat(reply.remaining()).isEqualTo(16);
        assertThat(reply.getInt()).isEqualTo(CONNECT);
        assertThat(reply.getInt()).isEqualTo(TRANSACTION);
    }

    @Test
    void row22ShortPacketsAndWrongMagicAreDropped() throws Exception {
        long id = id(socket);
        for (int length = 0; length < 16; length++) {
            send(socket, Arrays.copyOf(connect(), length));
        }
        send(socket, head(MAGIC + 1, CONNECT).array());
        send(socket, Arrays.copyOf(announce(id, 1, 0), 97));

        assertThat(nextAfterAll(socket)).as("only the last one was answered").isEqualTo(CONNECT);
    }

    @Test
    void row23OptionsAreParsedUnknownOnesSkippedAndTruncationRefused() throws Exception {
        long id = id(socket);
        byte[] url = ascii("\u0002\u0009/announce\u0001\u0002\u0003?a=");
        for (byte[] options : new byte[][] {
            {}, {0, 99}, {1, 1, 1}, url, {77, 2, 5, 5, 0}, {2, 0}, {0}, join(url, new byte[] {9, 0, 2, 1, 65, 0})
        }) {
            assertThat(exchange(socket, join(announce(id, 1, 0), options)).getInt())
                    .isEqualTo(ANNOUNCE);
        }
        for (byte[] options : new byte[][] {{2}, {2, 5, 1}, {77, 1}, {1, 2, (byte) 255, 1}}) {
            assertThat(error(exchange(socket, join(announce(id, 1, 0), options))))
                    .isEqualTo("truncated option");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void row24KnownEventsAreAnswered(int event) throws Exception {
        ByteBuffer reply = exchange(socket, announce(id(socket), 1, event));
        assertThat(reply.getInt()).isEqualTo(ANNOUNCE);
        assertThat(reply.getInt(12)).as("leechers").isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, -1, Integer.MAX_VALUE})
    void row24EventsBeyondPausedAreAnError(int event) throws Exception {
        assertThat(error(exchange(socket, announce(id(socket), 1, event)))).isEqualTo("unknown event");
    }

    @Test
    void row24APartialSeedIsGivenNoSeeds() throws Exception {
        long id = id(socket);
        exchange(socket, seed(announce(id, 1, 0)));
        assertThat(exchange(socket, announce(id, 2, 4)).remaining()).isEqualTo(20);
        assertThat(exchange(socket, announce(id, 2, 0)).remaining()).isEqualTo(20 + 6);
    }

    @ParameterizedTest
    @CsvSource({"56, invalid downloaded", "72, invalid uploaded"})
    void row2NegativeCountersAreAnError(int at, String error) throws Exception {
        byte[] announce =
                ByteBuffer.wrap(announce(id(socket), 1, 0)).putLong(at, -1).array();
        assertThat(error(exchange(socket, announce))).isEqualTo(error);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE})
    void leftAbove2To63IsALeech(long left) throws Exception {
        byte[] announce =
                ByteBuffer.wrap(announce(id(socket), 1, 0)).putLong(64, left).array();
        ByteBuffer reply = exchange(socket, announce);
        assertThat(reply.getInt()).isEqualTo(ANNOUNCE);
        assertThat(new int[] {reply.getInt(12), reply.getInt(16)})
                .as("leechers, seeders")
                .containsExactly(1, 0);
    }

    @Test
    void row24StoppedTakesThePeerOut() throws Exception {
        long id = id(socket);
        exchange(socket, announce(id, 1, 2));
        assertThat(exchange(socket, announce(id, 1, 3)).getInt(12)).isZero();
    }

    @Test
    void row25AnIdIsValidFromAnotherPortOfTheAddressAndFromNoOtherAddress() throws Exception {
        long id = id(socket);
        try (DatagramSocket otherPort = socket(tracker, "127.0.0.1");
                DatagramSocket otherAddress = socket(tracker, "127.0.0.3")) {
            assertThat(exchange(otherPort, announce(id, 1, 0)).getInt()).isEqualTo(ANNOUNCE);
            send(otherAddress, announce(id, 1, 0));
            assertThat(nextAfterAll(otherAddress)).isEqualTo(CONNECT);
        }
    }

    @Test
    void row25AnIdIsValidForTwoMinutesAndRefusedAfterThree() throws Exception {
        long id = id(socket);
        tracker.clock.addAndGet(120_000);
        assertThat(exchange(socket, announce(id, 1, 0)).getInt()).isEqualTo(ANNOUNCE);
        tracker.clock.addAndGet(60_000);
        send(socket, announce(id, 1, 0));
        assertThat(nextAfterAll(socket)).isEqualTo(CONNECT);
    }

    @Test
    void row26AWrongIdGetsSilence() throws Exception {
        send(socket, announce(12345, 1, 0));
        send(socket, head(12345, SCRAPE).array());
        send(socket, head(12345, 77).array());

        assertThat(nextAfterAll(socket)).isEqualTo(CONNECT);
        assertThat(tracker.traffic.drops()).isEqualTo(3);
    }

    @Test
    void row27TheLargestReplyFitsAPacketOfItsFamily() throws Exception {
        try (Loopback v6 = new Loopback("::1", false, true, Loopback.patient());
                DatagramSocket socket6 = socket(v6, "::1")) {
            assertThat(largest(v6, socket6)).isEqualTo(20 + 79 * 18).isLessThanOrEqualTo(1_452);
        }
        assertThat(largest(tracker, socket)).isEqualTo(20 + 200 * 6).isLessThanOrEqualTo(1_472);
    }

    private static int largest(Loopback tracker, DatagramSocket socket) throws IOException {
        long id = id(socket);
        for (int port = 1; port < 300; port++) {
            exchange(socket, announce(id, port, 0));
        }
        assertThat(tracker.traffic.drops()).isZero();
        ByteBuffer asking = ByteBuffer.wrap(announce(id, 1, 0)).putInt(92, 5_000);
        return exchange(socket, asking.array()).remaining();
    }

    @Test
    void row28AScrapeKeepsOrderAndDuplicatesIsCutAt74AndZeroIsAnError() throws Exception {
        long id = id(socket);
        exchange(socket, announce(id, 1, 0));
        ByteBuffer reply = exchange(socket, scrape(id, hash(9), hash(0), hash(0), hash(8)));
        assertThat(reply.getInt()).isEqualTo(SCRAPE);
        assertThat(reply.getInt()).isEqualTo(TRANSACTION);
        int[] leechers = {reply.getInt(16), reply.getInt(28), reply.getInt(40), reply.getInt(52)};
        assertThat(leechers).containsExactly(0, 1, 1, 0);

        byte[][] many = new byte[80][];
        Arrays.setAll(many, i -> hash(0));
        assertThat(exchange(socket, scrape(id, many)).remaining()).isEqualTo(8 + 74 * 12);
        assertThat(error(exchange(socket, scrape(id)))).isEqualTo("missing info_hash");
        assertThat(exchange(socket, join(scrape(id, hash(0)), new byte[7])).remaining())
                .as("a part of a hash is none")
                .isEqualTo(8 + 12);
    }

    @Test
    void row28AScrapeSaysSeedersThenCompletedThenLeechers() throws Exception {
        long id = id(socket);
        exchange(socket, announce(id, 1, 0));
        exchange(socket, announce(id, 2, 2));
        exchange(socket, seed(announce(id, 2, 1)));
        exchange(socket, seed(announce(id, 3, 2)));
        ByteBuffer reply = exchange(socket, scrape(id, hash(0)));
        int[] counts = {reply.getInt(8), reply.getInt(12), reply.getInt(16)};
        assertThat(counts).containsExactly(2, 1, 1);
    }

    @Test
    void row29ErrorsEchoTheTransaction() throws Exception {
        ByteBuffer reply = exchange(socket, head(id(socket), 77).array());
        assertThat(reply.getInt()).isEqualTo(ERROR);
        assertThat(reply.getInt()).isEqualTo(TRANSACTION);
        assertThat(error(exchange(socket, announce(id(socket), 0, 0)))).isEqualTo("invalid port");
    }

    @Test
    void row29OtherRepliesEchoItToo() throws Exception {
        for (byte[] request : new byte[][] {announce(id(socket), 1, 0), scrape(id(socket), hash(0))}) {
            assertThat(exchange(socket, request).getInt(4)).isEqualTo(TRANSACTION);
        }
    }

    @Test
    void row29ARefusalForTooManyRequestsEchoesIt() throws Exception {
        try (Loopback limited = Loopback.limited(1);
                DatagramSocket asker = socket(limited, "127.0.0.1")) {
            long id = id(asker);
            exchange(asker, announce(id, 1, 0));
            assertThat(error(exchange(asker, announce(id, 1, 0)))).isEqualTo("too many requests");
        }
    }

    @Test
    void row20AnAskerIsGivenItsOwnFamilyAndAsManyAsItWants() throws Exception {
        try (Loopback both = new Loopback("::", false, true, Loopback.patient());
                DatagramSocket v4 = socketOf("127.0.0.1", both.udp.port());
                DatagramSocket v6 = socketOf("::1", both.udp.port())) {
            for (int port = 1; port <= 5; port++) {
                exchange(v4, announce(id(v4), port, 0));
                exchange(v6, announce(id(v6), port + 10, 0));
            }
            assertThat(exchange(v4, wanting(announce(id(v4), 1, 0), 4)).remaining())
                    .isEqualTo(20 + 4 * 6);
            assertThat(exchange(v6, wanting(announce(id(v6), 11, 0), 4)).remaining())
                    .isEqualTo(20 + 4 * 18);
        }
    }

    @Test
    void row30PeersOfIpv6Have18Bytes() throws Exception {
        try (Loopback v6 = new Loopback("::1", false, true, Loopback.patient());
                DatagramSocket socket6 = socket(v6, "::1")) {
            long id = id(socket6);
            exchange(socket6, announce(id, 1, 0));
            ByteBuffer reply = exchange(socket6, announce(id, 2, 0));
            assertThat(reply.remaining()).isEqualTo(20 + 18);
            assertThat(reply.get(20 + 15)).isEqualTo((byte) 1);
            assertThat(reply.getShort(20 + 16)).isEqualTo((short) 1);
        }
    }

    @Test
    void row10TheIpFieldIsIgnoredUnlessTheAskerIsTrusted() throws Exception {
        exchange(socket, withIp(announce(id(socket), 1, 0), 0xC0000209));
        try (DatagramSocket trusted = socket(tracker, "127.0.0.2")) {
            long id = id(trusted);
            exchange(trusted, withIp(announce(id, 2, 0), 0xC0000209));
            ByteBuffer reply = exchange(trusted, announce(id, 3, 0));
            int[] addresses = {reply.getInt(20), reply.getInt(26)};
            assertThat(addresses).containsExactlyInAnyOrder(0x7F000001, 0xC0000209);
        }
    }

    @Test
    void row21HttpAndUdpMeetInOneSwarm() throws Exception {
        exchange(socket, announce(id(socket), 1, 0));
        try (Socket http = new Socket(tracker.address, tracker.http.port())) {
            String hash = "%00".repeat(20);
            http.getOutputStream()
                    .write(ascii("GET /scrape?info_hash=" + hash + " HTTP/1.1\r\nConnection: close\r\n\r\n"));
            assertThat(new String(http.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("10:incompletei1e");
        }
    }

    @Test
    void anUnregisteredTorrentIsAnError() throws Exception {
        try (Loopback registeredOnly = new Loopback("127.0.0.1", true, true, Loopback.patient());
                DatagramSocket asker = socket(registeredOnly, "127.0.0.1")) {
            assertThat(error(exchange(asker, announce(id(asker), 1, 0)))).isEqualTo("unregistered torrent");
        }
    }

    /** The action of the next packet that comes, after a connect was sent too: whether what came before got silence. */
    private static int nextAfterAll(DatagramSocket socket) throws IOException {
        int action = exchange(socket, connect()).getInt();
        socket.setSoTimeout(50);
        assertThatThrownBy(() -> receive(socket)).isInstanceOf(SocketTimeoutException.class);
        return action;
    }

    static long id(DatagramSocket socket) throws IOException {
        return exchange(socket, connect()).getLong(8);
    }

    private static byte[] connect() {
        return head(MAGIC, CONNECT).array();
    }

    private static ByteBuffer head(long id, int action) {
        return ByteBuffer.allocate(16).putLong(id).putInt(action).putInt(TRANSACTION);
    }

    static byte[] announce(long id, int port, int event) {
        return ByteBuffer.allocate(98)
                .put(head(id, ANNOUNCE).array())
                .put(hash(0))
                .put(new byte[20])
                .putLong(0)
                .putLong(5)
                .putLong(0)
                .putInt(event)
                .putInt(0)
                .putInt(0)
                .putInt(-1)
                .putShort((short) port)
                .array();
    }

    private static byte[] seed(byte[] announce) {
        return ByteBuffer.wrap(announce).putLong(64, 0).array();
    }

    private static byte[] wanting(byte[] announce, int peers) {
        return ByteBuffer.wrap(announce).putInt(92, peers).array();
    }

    private static byte[] withIp(byte[] announce, int address) {
        return ByteBuffer.wrap(announce).putInt(84, address).array();
    }

    static byte[] scrape(long id, byte[]... hashes) {
        byte[] request = head(id, SCRAPE).array();
        for (byte[] hash : hashes) {
            request = join(request, hash);
        }
        return request;
    }

    static byte[] hash(int fill) {
        byte[] hash = new byte[20];
        Arrays.fill(hash, (byte) fill);
        return hash;
    }

    static byte[] join(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String error(ByteBuffer reply) {
        assertThat(reply.getInt()).isEqualTo(ERROR);
        assertThat(reply.getInt()).isEqualTo(TRANSACTION);
        return StandardCharsets.US_ASCII.decode(reply).toString();
    }

    static ByteBuffer exchange(DatagramSocket socket, byte[] request) throws IOException {
        send(socket, request);
        return receive(socket);
    }

    static void send(DatagramSocket socket, byte[] request) throws IOException {
        socket.send(new DatagramPacket(request, request.length));
    }

    static ByteBuffer receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
    }
}
