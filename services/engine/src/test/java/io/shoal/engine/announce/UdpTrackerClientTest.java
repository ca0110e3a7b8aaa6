package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.egress.http.TestNames;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UdpTrackerClientTest {
    private static final int CONNECT = 0;
    private static final int ANNOUNCE = 1;
    private static final int ERROR = 3;

    /** A request, as the tracker sees it. */
    private record Packet(long connection, int action, int transaction, int length, SocketAddress from) {}

    /** What the tracker does about a request. */
    private interface Script {
        void answer(Packet packet, Tracker tracker) throws IOException;
    }

    private static final class Tracker implements AutoCloseable {
        final DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        final Queue<Packet> packets = new ConcurrentLinkedQueue<>();

        Tracker(Script script) throws IOException {
            Thread.ofVirtual().start(() -> {
                byte[] buffer = new byte[2_048];
                while (!socket.isClosed()) {
                    try {
                        DatagramPacket got = new DatagramPacket(buffer, buffer.length);
                        socket.receive(got);
                        ByteBuffer bytes = ByteBuffer.wrap(buffer);
                        Packet packet = new Packet(
                                bytes.getLong(),
                                bytes.getInt(),
                                bytes.getInt(),
                                got.getLength(),
                                got.getSocketAddress());
                        packets.add(packet);
                        script.answer(packet, this);
                    } catch (IOException e) {
                        return; // closed: the test is over
                    }
                }
            });
        }

        void send(Packet to, byte[] bytes) throws IOException {
            socket.send(new DatagramPacket(bytes, bytes.length, to.from()));
        }

        String url() {
            return "udp://127.0.0.1:" + socket.getLocalPort() + "/announce";
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static byte[] connected(int transaction, long connection) {
        return ByteBuffer.allocate(16)
                .putInt(CONNECT)
                .putInt(transaction)
                .putLong(connection)
                .array();
    }

    private static byte[] announced(int transaction, int lastOfAddress) {
        return ByteBuffer.allocate(26)
                .putInt(ANNOUNCE)
                .putInt(transaction)
                .putInt(1800)
                .putInt(3)
                .putInt(4)
                .put(new byte[] {(byte) 198, 51, 100, (byte) lastOfAddress, 0, 80})
                .array();
    }

    private static byte[] refused(int transaction, String reason) {
        return ByteBuffer.allocate(8 + reason.length())
                .putInt(ERROR)
                .putInt(transaction)
                .put(reason.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static void answer(Packet packet, Tracker tracker) throws IOException {
        tracker.send(
                packet,
                packet.action() == CONNECT ? connected(packet.transaction(), 77) : announced(packet.transaction(), 1));
    }

    private final TrackerCalls calls = new TrackerCalls();
    private final UdpTrackerClient client = client(Duration.ofMillis(100));

    private UdpTrackerClient client(Duration firstWait) {
        return new UdpTrackerClient(
                calls.eventLoop(), address -> address.equals(InetAddress.ofLiteral("127.0.0.1")), firstWait);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        calls.close();
    }

    private static void assertAnswered(AnnounceResult outcome) {
        assertThat(outcome).isInstanceOfSatisfying(Answered.class, answered -> {
            assertThat(answered.reply().interval()).isEqualTo(1800);
            assertThat(answered.reply().leeches()).isEqualTo(3);
            assertThat(answered.reply().seeds()).isEqualTo(4);
            assertThat(answered.reply().peers())
                    .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 80));
        });
    }

    @Test
    void theConnectionIsUsedAgain() throws Exception {
        try (UdpTrackerClient patient = client(Duration.ofSeconds(15));
                Tracker tracker = new Tracker(UdpTrackerClientTest::answer)) {
            assertAnswered(call(patient, tracker.url()));
            assertAnswered(call(patient, tracker.url()));
            assertThat(tracker.packets).extracting(Packet::action).containsExactly(CONNECT, ANNOUNCE, ANNOUNCE);
            assertThat(tracker.packets).extracting(Packet::transaction).doesNotHaveDuplicates();
            Packet last = tracker.packets.stream().reduce((a, b) -> b).orElseThrow();
            assertThat(last.connection()).isEqualTo(77);
            assertThat(last.length()).isEqualTo(98 + 2 + "/announce".length());
        }
    }

    @Test
    void lostPacketsAreResent() throws Exception {
        Set<Integer> seen = new HashSet<>();
        try (Tracker tracker = new Tracker((packet, t) -> {
            if (!seen.add(packet.transaction())) {
                answer(packet, t);
            }
        })) {
            assertAnswered(call(client, tracker.url()));
            assertThat(tracker.packets)
                    .extracting(Packet::action)
                    .containsSubsequence(CONNECT, CONNECT, ANNOUNCE, ANNOUNCE);
            assertThat(seen).as("one for each question").hasSize(2);
        }
    }

    @Test
    void aTrackerThatIsSilentTimesOut() throws Exception {
        try (Tracker tracker = new Tracker((packet, t) -> {})) {
            assertThat(call(client, tracker.url())).isEqualTo(Failed.of(Codes.TIMEOUT));
            assertThat(tracker.packets).hasSize(UdpTrackerClient.SENDS_MAX);
        }
    }

    @Test
    void answersOfOthersDoNotCount() throws Exception {
        try (DatagramSocket forger = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                Tracker tracker = new Tracker((packet, t) -> {
                    byte[] forged = packet.action() == CONNECT
                            ? connected(packet.transaction(), 66)
                            : announced(packet.transaction(), 66);
                    forger.send(new DatagramPacket(forged, forged.length, packet.from()));
                    t.send(packet, new byte[] {1, 2, 3});
                    t.send(packet, connected(packet.transaction() + 1, 66));
                    t.send(packet, announced(packet.transaction() + 1, 66));
                    answer(packet, t);
                })) {
            assertAnswered(call(client, tracker.url()));
            assertThat(tracker.packets).extracting(Packet::connection).doesNotContain(66L);
        }
    }

    @Test
    void anExpiredConnectionIdIsRenewed() throws Exception {
        long[] good = {77};
        try (Tracker tracker = new Tracker((packet, t) -> {
            if (packet.action() == CONNECT) {
                t.send(packet, connected(packet.transaction(), good[0]));
            } else if (packet.connection() == good[0]) {
                t.send(packet, announced(packet.transaction(), 1));
            } else {
                t.send(packet, refused(packet.transaction(), "Connection ID missmatch"));
            }
        })) {
            assertAnswered(call(client, tracker.url()));
            good[0] = 78;
            assertAnswered(call(client, tracker.url()));
        }
    }

    @Test
    void aRefusalIsReportedCleaned() throws Exception {
        try (Tracker tracker = new Tracker((packet, t) -> t.send(
                packet,
                packet.action() == CONNECT
                        ? connected(packet.transaction(), 1)
                        : refused(packet.transaction(), "not\n here: http://t/SECRET")))) {
            assertThat(call(client, tracker.url()))
                    .isEqualTo(new Failed(Codes.FAILURE, "not  here: [...]", Duration.ZERO));
        }
    }

    @Test
    void nothingIsSentToForbiddenAddresses() throws Exception {
        assertThat(call(client, "udp://127.0.0.2:9/a")).isEqualTo(Failed.of(Codes.FORBIDDEN));
        assertThat(call(client, "udp://no-such-tracker.invalid:9/a")).isEqualTo(Failed.of(Codes.DNS));
        assertThat(call(client, "udp://127.0.0.1:0/a")).isEqualTo(Failed.of(Codes.URL));
        assertThat(call(client, "udp://::/a")).isEqualTo(Failed.of(Codes.URL));
    }

    @Test
    void theNextAddressOfANameIsTriedWhenTheFirstIsSilent() throws Exception {
        try (Tracker tracker = new Tracker(UdpTrackerClientTest::answer);
                UdpTrackerClient patient =
                        new UdpTrackerClient(calls.eventLoop(), address -> true, Duration.ofMillis(200))) {
            String url = "udp://" + TestNames.TWO_ADDRESSES + ":" + tracker.socket.getLocalPort() + "/a";
            assertThat(call(patient, url)).isInstanceOf(Answered.class);
        }
    }

    @Test
    void closingFailsWhatIsUnderWay() throws Exception {
        try (Tracker tracker = new Tracker((packet, t) -> {})) {
            CompletableFuture<AnnounceResult> outcome = TrackerCalls.begin(
                    client, tracker.url(), TrackerCalls.request(TrackerCalls.HASH, 1, 0, AnnounceEvent.NONE));
            client.close();
            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(Failed.of(Codes.STOPPING));
            assertThat(call(client, tracker.url())).isEqualTo(Failed.of(Codes.STOPPING));
        }
    }
}
