package io.shoal.bench.trackers;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * How long a tracker under load lets an asker wait: one announce after the other, a few hundred a second, each with its time. A
 * process of its own, so that it can be given precedence over the load on the core that they share.
 */
final class LatencyProbe {
    private static final long CONNECT_MAGIC = 0x41727101980L;
    private static final int ANNOUNCE = 1;
    private static final int PAUSE_MILLIS = 3;
    private static final int LOST_MILLIS = 200;

    private LatencyProbe() {}

    /** Takes a port and a number of seconds; prints the median and the 99th percentile in milliseconds, and the part lost. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Integer.parseInt(args[0]);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(args[1]));
        List<Double> millis = new ArrayList<>();
        int lost = 0;
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.99", 0))) {
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(LOST_MILLIS);
            Random random = new Random();
            long id = 0;
            for (int turn = 0; System.nanoTime() < end; turn++) {
                ByteBuffer request = turn % 1_000 == 0 || id == 0
                        ? ByteBuffer.allocate(16)
                                .putLong(CONNECT_MAGIC)
                                .putInt(0)
                                .putInt(turn)
                        : announce(id, turn, random);
                long sent = System.nanoTime();
                socket.send(new DatagramPacket(request.array(), request.position()));
                try {
                    ByteBuffer reply = receive(socket, turn);
                    if (request.position() == 16) {
                        id = reply.getLong(8);
                    } else {
                        millis.add((System.nanoTime() - sent) / 1e6);
                    }
                } catch (SocketTimeoutException e) {
                    lost++;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
        Collections.sort(millis);
        if (millis.isEmpty()) {
            millis.add(Double.POSITIVE_INFINITY); // nobody has answered
        }
        System.out.printf(
                Locale.ROOT,
                "%.2f %.2f %.4f%n",
                millis.get(millis.size() / 2),
                millis.get(millis.size() * 99 / 100),
                (double) lost / (millis.size() + lost));
    }

    private static ByteBuffer announce(long id, int transaction, Random random) {
        byte[] hash = new byte[20];
        // One of a thousand torrents of its own.
        hash[0] = (byte) random.nextInt(250);
        hash[1] = (byte) random.nextInt(4);
        return ByteBuffer.allocate(98)
                .putLong(id)
                .putInt(ANNOUNCE)
                .putInt(transaction)
                .put(hash)
                .put(new byte[20])
                .putLong(0)
                .putLong(1)
                .putLong(0)
                .putInt(2)
                .putInt(0)
                .putInt(0)
                .putInt(30)
                .putShort((short) (1 + random.nextInt(60_000)));
    }

    /** The reply to {@code transaction}; late ones to earlier requests are passed over. */
    private static ByteBuffer receive(DatagramSocket socket, int transaction) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        while (true) {
            socket.receive(packet);
            ByteBuffer reply = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            if (reply.getInt(4) == transaction) {
                return reply;
            }
        }
    }
}
