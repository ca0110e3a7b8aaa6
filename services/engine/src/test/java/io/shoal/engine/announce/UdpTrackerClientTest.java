package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.call;
import static io.shoal.engine.announce.UdpTracker.CONNECT;
import static io.shoal.engine.announce.UdpTracker.announced;
import static io.shoal.engine.announce.UdpTracker.connected;
import static io.shoal.engine.announce.UdpTracker.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.egress.http.TestNames;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.announce.UdpTracker.Packet;
import io.shoal.engine.net.DatagramPort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Announces over real sockets of this machine. Loss and time-outs are in {@link UdpTrackerSimulationTest}. */
class UdpTrackerClientTest {
    /** What the tracker does about a request. */
    private interface Script {
        void answer(Packet packet, Tracker tracker) throws IOException;
    }

    private static final class Tracker implements AutoCloseable {
        final DatagramSocket socket;
        final Queue<Packet> packets = new ConcurrentLinkedQueue<>();
        private final InetAddress host;

        Tracker(String host, Script script) throws IOException {
            this(host, 0, script);
        }

        Tracker(String host, int port, Script script) throws IOException {
            this.host = InetAddress.ofLiteral(host);
            socket = new DatagramSocket(port, this.host);
            Thread.ofVirtual().start(() -> {
                byte[] buffer = new byte[2_048];
                while (!socket.isClosed()) {
                    try {
                        DatagramPacket got = new DatagramPacket(buffer, buffer.length);
                        socket.receive(got);
                        Packet packet = Packet.of(Arrays.copyOf(buffer, got.getLength()), got.getSocketAddress());
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

        /** The peer that it names: of the family that it is reached over. */
        byte[] peer() {
            byte[] address = host.getAddress();
            address[0] = 32;
            return address;
        }

        int port() {
            return socket.getLocalPort();
        }

        String url() {
            String name = host.getAddress().length == 4 ? host.getHostAddress() : "[" + host.getHostAddress() + "]";
            return "udp://" + name + ":" + port() + "/announce";
        }

        InetSocketAddress namedPeer() throws IOException {
            return new InetSocketAddress(InetAddress.getByAddress(peer()), 80);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static void answer(Packet packet, Tracker tracker) throws IOException {
        tracker.send(
                packet,
                packet.action() == CONNECT
                        ? connected(packet.transaction(), 77)
                        : announced(packet.transaction(), tracker.peer()));
    }

    private final TrackerCalls calls = new TrackerCalls();
    private final DatagramPort port;
    private final UdpTrackerClient client;

    UdpTrackerClientTest() throws IOException {
        port = calls.port("::");
        client = new UdpTrackerClient(port, InetAddress::isLoopbackAddress);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        calls.close();
    }

    private static void assertAnswered(AnnounceResult outcome, Tracker tracker) throws IOException {
        InetSocketAddress peer = tracker.namedPeer();
        assertThat(outcome).isInstanceOfSatisfying(Answered.class, answered -> {
            assertThat(answered.reply().interval()).isEqualTo(1800);
            assertThat(answered.reply().leeches()).isEqualTo(3);
            assertThat(answered.reply().seeds()).isEqualTo(4);
            assertThat(answered.reply().peers()).containsExactly(peer);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void anAnnounceComesFromTheListenPortAndTheConnectionIsUsedAgain(String host) throws Exception {
        try (Tracker tracker = new Tracker(host, UdpTrackerClientTest::answer)) {
            assertAnswered(call(client, tracker.url()), tracker);
            assertAnswered(call(client, tracker.url()), tracker);
            assertThat(tracker.packets)
                    .extracting(Packet::action)
                    .containsExactly(CONNECT, UdpTracker.ANNOUNCE, UdpTracker.ANNOUNCE);
            assertThat(tracker.packets).extracting(Packet::transaction).doesNotHaveDuplicates();
            assertThat(tracker.packets)
                    .extracting(Packet::from)
                    .containsOnly(new InetSocketAddress(InetAddress.ofLiteral(host), port.number()));
            Packet last = tracker.packets.stream().reduce((a, b) -> b).orElseThrow();
            assertThat(last.connection()).isEqualTo(77);
            assertThat(last.bytes().remaining()).isEqualTo(98 + 2 + "/announce".length());
        }
    }

    @Test
    void aTrackerOfBothFamiliesIsAnnouncedToOverBoth() throws Exception {
        try (Tracker v4 = new Tracker("127.0.0.1", UdpTrackerClientTest::answer);
                Tracker v6 = new Tracker("::1", v4.port(), UdpTrackerClientTest::answer)) {
            BlockingQueue<AnnounceResult> results = new LinkedBlockingQueue<>();
            client.announce(
                    "udp://" + TestNames.BOTH_FAMILIES + ":" + v4.port() + "/announce",
                    TrackerCalls.request(TrackerCalls.HASH, 6881, 0, AnnounceEvent.NONE),
                    port.loop(),
                    results::add);
            assertThat(List.of(next(results), next(results)))
                    .flatExtracting(result -> result instanceof Answered(var reply) ? reply.peers() : List.of())
                    .containsExactlyInAnyOrder(v4.namedPeer(), v6.namedPeer());
        }
    }

    private static AnnounceResult next(BlockingQueue<AnnounceResult> results) throws InterruptedException {
        AnnounceResult next = results.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void answersOfOthersDoNotCount() throws Exception {
        try (DatagramSocket forger = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                Tracker tracker = new Tracker("127.0.0.1", (packet, t) -> {
                    byte[] forged = packet.action() == CONNECT
                            ? connected(packet.transaction(), 66)
                            : announced(packet.transaction(), (byte) 32, (byte) 0, (byte) 0, (byte) 66);
                    forger.send(new DatagramPacket(forged, forged.length, packet.from()));
                    t.send(packet, new byte[] {1, 2, 3});
                    t.send(packet, connected(packet.transaction() + 1, 66));
                    t.send(packet, announced(packet.transaction() + 1, t.peer()));
                    answer(packet, t);
                })) {
            assertAnswered(call(client, tracker.url()), tracker);
            assertThat(tracker.packets).extracting(Packet::connection).doesNotContain(66L);
        }
    }

    @Test
    void anExpiredConnectionIdIsRenewed() throws Exception {
        long[] good = {77};
        try (Tracker tracker = new Tracker("127.0.0.1", (packet, t) -> {
            if (packet.action() == CONNECT) {
                t.send(packet, connected(packet.transaction(), good[0]));
            } else if (packet.connection() == good[0]) {
                t.send(packet, announced(packet.transaction(), t.peer()));
            } else {
                t.send(packet, refused(packet.transaction(), "Connection ID missmatch"));
            }
        })) {
            assertAnswered(call(client, tracker.url()), tracker);
            good[0] = 78;
            assertAnswered(call(client, tracker.url()), tracker);
        }
    }

    @Test
    void aRefusalIsReportedCleaned() throws Exception {
        try (Tracker tracker = new Tracker(
                "127.0.0.1",
                (packet, t) -> t.send(
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
        assertThat(call(client, "udp://192.0.2.1:9/a")).isEqualTo(Failed.of(Codes.FORBIDDEN));
        assertThat(call(client, "udp://no-such-tracker.invalid:9/a")).isEqualTo(Failed.of(Codes.DNS));
        assertThat(call(client, "udp://127.0.0.1:0/a")).isEqualTo(Failed.of(Codes.URL));
        assertThat(call(client, "udp://::/a")).isEqualTo(Failed.of(Codes.URL));
        assertThat(port.counters().sent()).isZero();
    }

    /** An announce names the port at which the torrent's peers arrive, and comes from there. */
    @Test
    void eachTorrentAnnouncesFromItsOwnPort() throws Exception {
        DatagramPort first = calls.port("127.0.0.1");
        DatagramPort second = calls.port("127.0.0.1");
        try (Trackers trackers =
                        new Trackers(calls.eventLoop(), InetAddress::isLoopbackAddress, List.of(first, second));
                Tracker tracker = new Tracker("127.0.0.1", UdpTrackerClientTest::answer)) {
            for (DatagramPort each : List.of(second, first)) {
                tracker.packets.clear();
                call(
                        trackers,
                        tracker.url(),
                        TrackerCalls.request(TrackerCalls.HASH, each.number(), 0, AnnounceEvent.NONE));
                assertThat(tracker.packets)
                        .hasSize(2)
                        .extracting(Packet::from)
                        .containsOnly(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), each.number()));
            }
        }
    }

    @Test
    void closingFailsWhatIsUnderWay() throws Exception {
        try (Tracker tracker = new Tracker("127.0.0.1", (packet, t) -> {})) {
            CompletableFuture<AnnounceResult> outcome = TrackerCalls.begin(
                    client, tracker.url(), TrackerCalls.request(TrackerCalls.HASH, 1, 0, AnnounceEvent.NONE));
            client.close();
            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(Failed.of(Codes.STOPPING));
            assertThat(call(client, tracker.url())).isEqualTo(Failed.of(Codes.STOPPING));
        }
    }
}
