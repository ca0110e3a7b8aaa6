package io.shoal.tracker.udp;

import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Listens for UDP: sockets on the same port (SO_REUSEPORT), among which the kernel spreads the askers, each with its thread. */
public final class UdpEdge implements AutoCloseable {
    private final List<UdpSocket> sockets;

    private UdpEdge(List<UdpSocket> sockets) {
        this.sockets = sockets;
    }

    /** Answers announces and scrapes at {@code address} with {@code threads} threads. */
    public static UdpEdge listen(
            int threads,
            InetSocketAddress address,
            Tracker tracker,
            Traffic traffic,
            ConnectionIds ids,
            LongSupplier clock)
            throws IOException {
        return listen(threads, address, () -> new Datagrams(tracker, traffic, ids, clock), traffic);
    }

    /**
     * Answers datagrams at {@code address} with {@code threads} threads; a failure to do so is the caller's to see.
     *
     * @param responders gives each thread its own
     */
    public static UdpEdge listen(
            int threads, InetSocketAddress address, Supplier<? extends Responder> responders, Traffic traffic)
            throws IOException {
        List<UdpSocket> sockets = new ArrayList<>();
        UdpEdge edge = new UdpEdge(sockets);
        InetSocketAddress bound = address;
        try {
            for (int thread = 0; thread < threads; thread++) {
                UdpSocket socket = UdpSocket.open(bound, "udp-" + thread, responders.get(), traffic::dropped);
                sockets.add(socket);
                // Where any port was asked for, all sockets take the one that the first was given.
                bound = new InetSocketAddress(address.getAddress(), socket.port());
            }
        } catch (IOException e) {
            edge.close();
            throw e;
        }
        return edge;
    }

    /** The port that it listens on. */
    public int port() {
        return sockets.getFirst().port();
    }

    @Override
    public void close() {
        sockets.forEach(UdpSocket::end);
        sockets.forEach(UdpSocket::close);
    }
}
