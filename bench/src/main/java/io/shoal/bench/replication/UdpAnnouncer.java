package io.shoal.bench.replication;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Announces to one tracker over UDP (BEP 15) as many peers, at addresses that the tracker lets it claim. One thread. */
final class UdpAnnouncer implements AutoCloseable {
    private static final long MAGIC = 0x41727101980L;
    private static final int CONNECT = 0;
    private static final int ANNOUNCE = 1;
    private static final int STARTED = 2;
    private static final int ANNOUNCE_BYTES = 98;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Half of what a connection id is good for. */
    private static final long ID_NANOS = Duration.ofSeconds(60).toNanos();

    private final DatagramChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(ANNOUNCE_BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(2_048);
    private long id;
    private long idSince;
    private long sent;
    private long answered;

    UdpAnnouncer(InetSocketAddress tracker) throws IOException {
        channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
        channel.connect(tracker);
        channel.configureBlocking(false);
    }

    /** How many announces were answered. */
    long answered() {
        return answered;
    }

    /** How many announces wait for their answers, or lost them. */
    long outstanding() {
        return sent - answered;
    }

    /** A leech of {@code torrent}, number {@code peer} of all, tells that it started. */
    void announce(long torrent, int peer) throws IOException, InterruptedException {
        if (idSince == 0 || System.nanoTime() - idSince > ID_NANOS) {
            connect();
        }
        out.clear();
        out.putLong(id).putInt(ANNOUNCE).putInt((int) sent);
        out.putLong(torrent * 0x9E3779B97F4A7C15L).putLong(torrent).putInt((int) torrent);
        out.putLong(0x2d5453303030312dL).putLong(peer).putInt(peer);
        out.putLong(0).putLong(5).putLong(0);
        out.putInt(STARTED).putInt(10 << 24 | peer).putInt(0).putInt(30).putShort((short) 6_881);
        out.flip();
        channel.write(out);
        sent++;
        receive();
    }

    /** Takes what has arrived. */
    void receive() throws IOException {
        in.clear();
        while (channel.read(in) > 0) {
            in.flip();
            if (in.remaining() >= 20 && in.getInt(0) == ANNOUNCE) {
                answered++;
            }
            in.clear();
        }
    }

    private void connect() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            out.clear();
            out.putLong(MAGIC).putInt(CONNECT).putInt(7).flip();
            channel.write(out);
            for (int look = 0; look < 100; look++) {
                in.clear();
                if (channel.read(in) == 16 && in.getInt(0) == CONNECT) {
                    id = in.getLong(8);
                    idSince = System.nanoTime();
                    return;
                }
                if (in.position() >= 20) {
                    answered++;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        throw new IOException("the tracker does not connect");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
