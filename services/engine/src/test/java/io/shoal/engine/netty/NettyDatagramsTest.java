package io.shoal.engine.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.engine.net.DatagramKind;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** UDP sockets of this machine. */
class NettyDatagramsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");
    private static final byte[] REPLY =
            ByteBuffer.allocate(16).putInt(1).putInt(4711).array();

    private record Received(ByteBuffer bytes, InetSocketAddress from) {}

    private final NettyNetwork network = NettyNetwork.start(1);
    private final Loop loop = network.loops().getFirst();
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        network.close();
    }

    private DatagramPort port(InetSocketAddress... addresses) throws IOException {
        DatagramPort port = DatagramPort.open(network, loop, List.of(addresses));
        port.register(
                DatagramKind.TRACKER,
                (bytes, from) -> received.add(new Received(ByteBuffer.wrap(ByteBufUtil.getBytes(bytes)), from)));
        return port;
    }

    private Received next() throws InterruptedException {
        return Objects.requireNonNull(received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), "nothing was received");
    }

    private static void send(DatagramSocket from, InetAddress host, int port, byte[] bytes) throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, host, port));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private void sendFrom(DatagramPort port, InetSocketAddress to, byte[] bytes) {
        loop.execute(() -> port.send(Unpooled.wrappedBuffer(bytes), to));
    }

    @Test
    void everyKindIsCountedAndOnlyTheRegisteredIsPassedOn() throws Exception {
        DatagramPort port = port(new InetSocketAddress(V4, 0));
        try (DatagramSocket peer = new DatagramSocket(0, V4)) {
            byte[] utp = new byte[20];
            utp[0] = 0x41;
            send(peer, V4, port.number(), "d1:y1:qe".getBytes(StandardCharsets.US_ASCII));
            send(peer, V4, port.number(), utp);
            send(peer, V4, port.number(), utp);
            send(peer, V4, port.number(), new byte[0]);
            send(peer, V4, port.number(), "GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII));
            send(peer, V4, port.number(), REPLY);

            Received reply = next();
            assertThat(reply.bytes()).isEqualTo(ByteBuffer.wrap(REPLY));
            assertThat(reply.from()).isEqualTo(peer.getLocalSocketAddress());
            DatagramPort.Counters counters = port.counters();
            assertThat(counters.received()).isEqualTo(6);
            assertThat(counters.dropped())
                    .containsEntry(DatagramKind.KRPC, 1L)
                    .containsEntry(DatagramKind.UTP, 2L)
                    .containsEntry(DatagramKind.UNKNOWN, 2L)
                    .doesNotContainKey(DatagramKind.TRACKER);
        }
    }

    @Test
    void aBurstArrivesInOrderAndEachIsWhole() throws Exception {
        DatagramPort port = port(new InetSocketAddress(V4, 0));
        try (DatagramSocket peer = new DatagramSocket(0, V4)) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 60; i++) { // few enough for the system's smallest buffer
                sent.add(ByteBuffer.allocate(8 + 23 * i).putInt(1).putInt(i).array());
                send(peer, V4, port.number(), sent.getLast());
            }
            for (byte[] each : sent) {
                assertThat(next().bytes()).isEqualTo(ByteBuffer.wrap(each));
            }
        }
    }

    @Test
    void aLongDatagramIsCut() throws Exception {
        DatagramPort port = port(new InetSocketAddress(V4, 0));
        try (DatagramSocket peer = new DatagramSocket(0, V4)) {
            send(peer, V4, port.number(), new byte[Datagrams.RECEIVED_MAX + 500]);
            send(peer, V4, port.number(), REPLY);
            assertThat(next().bytes().remaining()).isEqualTo(Datagrams.RECEIVED_MAX);
            assertThat(next().bytes()).isEqualTo(ByteBuffer.wrap(REPLY));
        }
    }

    @Test
    void oneSocketServesBothFamilies() throws Exception {
        InetAddress all = NettyNetwork.wildcard();
        assertThat(all).isEqualTo(InetAddress.ofLiteral("::"));
        DatagramPort port = port(new InetSocketAddress(all, 0));
        for (InetAddress host : List.of(V4, V6)) {
            assertThat(port.hasFamilyOf(host)).isTrue();
            try (DatagramSocket peer = new DatagramSocket(0, host)) {
                send(peer, host, port.number(), REPLY);
                Received got = next();
                assertThat(got.from()).isEqualTo(new InetSocketAddress(host, peer.getLocalPort()));
                sendFrom(port, got.from(), new byte[] {1, 2, 3});
                assertThat(receive(peer)).containsExactly(1, 2, 3);
            }
        }
        assertThat(port.counters().failed()).isZero();
    }

    @Test
    void onePortHasASocketOfEachFamily() throws Exception {
        int number = DatagramPort.open(network, loop, List.of(new InetSocketAddress(V4, 0)))
                .number(); // which is taken for IPv4 now
        assertThatThrownBy(() -> port(new InetSocketAddress(V6, number), new InetSocketAddress(V4, number)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + number);
        DatagramPort v6 = port(new InetSocketAddress(V6, number)); // the other was closed again
        assertThat(v6.hasFamilyOf(V6)).isTrue();
        assertThat(v6.hasFamilyOf(V4)).isFalse();
    }

    /** A refusal, a datagram that is too long, and one of another family affect no later one. */
    @Test
    void whatCannotBeSentIsCountedAndTheSocketStaysOpen() throws Exception {
        DatagramPort port = port(new InetSocketAddress(V4, 0));
        int closed;
        try (DatagramSocket free = new DatagramSocket(0, V4)) {
            closed = free.getLocalPort();
        }
        try (DatagramSocket peer = new DatagramSocket(0, V4)) {
            InetSocketAddress to = (InetSocketAddress) peer.getLocalSocketAddress();
            for (int i = 0; i < 3; i++) {
                sendFrom(port, new InetSocketAddress(V4, closed), REPLY);
            }
            sendFrom(port, to, new byte[70_000]);
            sendFrom(port, new InetSocketAddress(V6, closed), REPLY);
            sendFrom(port, InetSocketAddress.createUnresolved("name.invalid", 1), REPLY);
            sendFrom(port, to, REPLY);
            assertThat(receive(peer)).isEqualTo(REPLY);
            await(() -> port.counters().failed() >= 3);
            send(peer, V4, port.number(), REPLY);
            assertThat(next().bytes()).isEqualTo(ByteBuffer.wrap(REPLY));
            assertThat(port.counters().sent()).isEqualTo(5);
        }
    }

    @Test
    void afterItIsClosedNothingIsReceivedAndThePortIsFree() throws Exception {
        DatagramPort port = port(new InetSocketAddress(V4, 0));
        int number = port.number();
        port.close();
        port.close();
        await(() -> isFree(number));
        sendFrom(port, new InetSocketAddress(V4, number), REPLY);
        await(() -> port.counters().failed() == 1);
    }

    private static boolean isFree(int number) {
        try (DatagramSocket socket = new DatagramSocket(number, V4)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
