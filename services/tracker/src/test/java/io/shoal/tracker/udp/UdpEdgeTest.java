package io.shoal.tracker.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.tracker.announce.Traffic;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sockets and their threads, with responders that say what they were given. */
class UdpEdgeTest {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Traffic traffic = new Traffic();

    private UdpEdge listen(String host, int threads, Supplier<Responder> responders) throws IOException {
        return UdpEdge.listen(threads, new InetSocketAddress(InetAddress.getByName(host), 0), responders, traffic);
    }

    private static Responder echo() {
        return (in, source, port, out) -> out.writeBytes(in);
    }

    @Test
    void everyAskerOfACrowdGetsItsOwnAnswerAndNoOther() throws Exception {
        // The thread is held up by the first datagram, so that the others come in whole batches.
        Responder slow = (in, source, port, out) -> {
            if (in.getInt(0) == -1) {
                pause(Duration.ofMillis(100));
            }
            if (in.getInt(0) % 3 != 2) {
                out.writeInt(port).writeBytes(in);
            }
        };
        List<DatagramSocket> askers = new ArrayList<>();
        try (UdpEdge edge = listen("127.0.0.1", 1, () -> slow)) {
            DatagramSocket first = asker("127.0.0.1", edge);
            askers.add(first);
            send(first, ByteBuffer.allocate(4).putInt(-1).array());
            for (int i = 0; i < 150; i++) {
                DatagramSocket asker = asker("127.0.0.1", edge);
                askers.add(asker);
                send(asker, ByteBuffer.allocate(4 + i).putInt(i).array());
            }
            for (int i = 0; i < 150; i++) {
                if (i % 3 != 2) {
                    DatagramSocket asker = askers.get(i + 1);
                    ByteBuffer reply = receive(asker);
                    assertThat(reply.getInt()).isEqualTo(asker.getLocalPort());
                    assertThat(reply.getInt()).isEqualTo(i);
                    assertThat(reply.remaining()).isEqualTo(i);
                }
            }
        } finally {
            askers.forEach(DatagramSocket::close);
        }
        assertThat(traffic.drops()).isZero();
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aResponderThatFailsCostsNobodyElseAnAnswer() throws Exception {
        Responder failing = (in, source, port, out) -> {
            out.writeBytes(in, in.readerIndex(), in.readableBytes());
            if (in.readableBytes() == 3) {
                throw new IllegalStateException("made to fail");
            }
            if (in.readableBytes() == 5) {
                throw new StackOverflowError("made to fail badly");
            }
        };
        try (UdpEdge edge = listen("127.0.0.1", 1, () -> failing);
                DatagramSocket asker = asker("127.0.0.1", edge)) {
            send(asker, new byte[3]);
            send(asker, new byte[4]);
            assertThat(receive(asker).remaining()).isEqualTo(4);
            send(asker, new byte[5]);
            send(asker, new byte[6]);
            assertThat(receive(asker).remaining()).isEqualTo(6);
            assertThat(traffic.drops()).isEqualTo(2);
        }
    }

    @Test
    void whatIsLongerThanAFrameIsCut() throws Exception {
        Responder length = (in, source, port, out) -> out.writeInt(in.readableBytes());
        try (UdpEdge edge = listen("127.0.0.1", 1, () -> length);
                DatagramSocket asker = asker("127.0.0.1", edge)) {
            for (int bytes : new int[] {1, 2_048, 2_049, 60_000}) {
                send(asker, new byte[bytes]);
                assertThat(receive(asker).getInt()).as("of %d bytes", bytes).isEqualTo(Math.min(bytes, 2_048));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.5, 127.0.0.5",
        "::1, ::1, 0:0:0:0:0:0:0:1",
        "::, 127.0.0.5, 127.0.0.5",
        "::, ::1, 0:0:0:0:0:0:0:1"
    })
    void anAskersAddressIsSeenAsItIs(String bind, String from, String seen) throws Exception {
        Responder who = (in, source, port, out) -> out.writeBytes(source.bytes());
        try (UdpEdge edge = listen(bind, 1, () -> who);
                DatagramSocket asker = asker(from, edge)) {
            send(asker, new byte[1]);
            ByteBuffer reply = receive(asker);
            byte[] address = new byte[reply.remaining()];
            reply.get(address);
            assertThat(InetAddress.getByAddress(address).getHostAddress()).isEqualTo(seen);
        }
    }

    @Test
    void theKernelSpreadsAskersOverThreads() throws Exception {
        ConcurrentHashMap<String, Boolean> threads = new ConcurrentHashMap<>();
        Supplier<Responder> responders = () -> (in, source, port, out) -> {
            threads.put(Thread.currentThread().getName(), true);
            out.writeBytes(in);
        };
        try (UdpEdge edge = listen("127.0.0.1", 2, responders)) {
            for (int i = 0; i < 64; i++) {
                try (DatagramSocket asker = asker("127.0.0.1", edge)) {
                    send(asker, new byte[1]);
                    receive(asker);
                }
            }
        }
        assertThat(threads.keySet()).containsExactlyInAnyOrder("udp-0", "udp-1");
    }

    @Test
    void aPortThatIsTakenIsAnErrorThatSaysSo() throws Exception {
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), other.getLocalPort());
            assertThatThrownBy(() -> UdpEdge.listen(1, taken, UdpEdgeTest::echo, traffic))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(Integer.toString(other.getLocalPort()))
                    .hasMessageContaining("Address already in use");
        }
    }

    @Test
    void afterCloseThePortIsFreeAndNobodyAnswers() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        UdpEdge edge = listen("127.0.0.1", 2, UdpEdgeTest::echo);
        int port = edge.port();
        try (DatagramSocket asker = asker("127.0.0.1", edge)) {
            send(asker, new byte[1]);
            receive(asker);
        }
        edge.close();
        try (DatagramSocket next = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            assertThat(next.getLocalPort()).isEqualTo(port);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !before.contains(thread))
                .extracting(Thread::getName)
                .doesNotContain("udp-0", "udp-1");
    }

    private static DatagramSocket asker(String from, UdpEdge edge) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0));
        socket.connect(InetAddress.getByName(from.contains(":") ? "::1" : "127.0.0.1"), edge.port());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static void send(DatagramSocket socket, byte[] request) throws IOException {
        socket.send(new DatagramPacket(request, request.length));
    }

    private static ByteBuffer receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
        socket.receive(packet);
        return ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
    }
}
