package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The UDP side of one listen port: one socket, or one of each address family, under one number, which several protocols
 * share. A received datagram is passed to the receiver of its kind.
 *
 * <p>Invariant: a datagram that no receiver is registered for, or that its receiver did not expect, is dropped and
 * counted. Sending is confined to the loop; everything else may be called from any thread.
 */
public final class DatagramPort {
    private final Loop loop;
    private final List<Datagrams> sockets = new ArrayList<>();
    private final Map<DatagramKind, Receiver> receivers = new ConcurrentHashMap<>();
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder unsendable = new LongAdder();
    private final Map<DatagramKind, LongAdder> dropped = new ConcurrentHashMap<>();

    private DatagramPort(Loop loop) {
        this.loop = loop;
    }

    /** Receives the datagrams of one kind, on the loop of the port. */
    @FunctionalInterface
    public interface Receiver {
        /**
         * A datagram was received. It belongs to the caller: what is kept must be retained or copied.
         *
         * @return whether it was expected
         */
        boolean received(ByteBuf bytes, InetSocketAddress from);
    }

    /**
     * Counts of datagrams.
     *
     * @param failed could not be sent, or not received
     * @param dropped were received and not expected, by kind
     */
    public record Counters(long sent, long received, long failed, Map<DatagramKind, Long> dropped) {
        /** Nothing yet. */
        public static final Counters NONE = new Counters(0, 0, 0, Map.of());

        public Counters {
            dropped = Map.copyOf(dropped);
        }

        /** Returns the sums of both. */
        public Counters plus(Counters other) {
            Map<DatagramKind, Long> sums = new EnumMap<>(DatagramKind.class);
            sums.putAll(dropped);
            other.dropped.forEach((kind, count) -> sums.merge(kind, count, Long::sum));
            return new Counters(sent + other.sent, received + other.received, failed + other.failed, sums);
        }
    }

    /**
     * Binds a socket to each of the addresses, which have one port number; 0 stands for any only if there is one address.
     *
     * @throws IOException if one of them cannot be bound; then none is
     */
    public static DatagramPort open(DatagramNetwork network, Loop loop, List<InetSocketAddress> addresses)
            throws IOException {
        DatagramPort port = new DatagramPort(loop);
        try {
            for (InetSocketAddress address : addresses) {
                port.sockets.add(network.bind(loop, address, port::receive));
            }
            return port;
        } catch (IOException e) {
            port.close();
            throw e;
        }
    }

    /** The loop on which datagrams are sent and received. */
    public Loop loop() {
        return loop;
    }

    /** The number of the port. */
    public int number() {
        return sockets.getFirst().local().getPort();
    }

    /** Sets the receiver of one kind, at most once. */
    public void register(DatagramKind kind, Receiver receiver) {
        if (receivers.putIfAbsent(kind, receiver) != null) {
            throw new IllegalStateException(kind + " has a receiver");
        }
    }

    /** Whether there is a socket from which {@code address} can be sent to, and which is reached from there. */
    public boolean hasFamilyOf(InetAddress address) {
        return socketFor(address) != null;
    }

    /** Sends {@code bytes}, which it takes over, to {@code to}. */
    public void send(ByteBuf bytes, InetSocketAddress to) {
        InetAddress address = to.getAddress();
        Datagrams socket = address == null ? null : socketFor(address);
        if (socket == null) {
            bytes.release();
            unsendable.increment();
            return;
        }
        sent.increment();
        socket.send(bytes, to);
        socket.flush();
    }

    private @Nullable Datagrams socketFor(InetAddress address) {
        Datagrams dualStack = null;
        for (Datagrams each : sockets) {
            InetAddress local = each.local().getAddress();
            if (local.getClass() == address.getClass()) {
                return each;
            }
            if (local.isAnyLocalAddress() && local.getAddress().length > address.getAddress().length) {
                dualStack = each; // [::] stands for the IPv4 addresses too
            }
        }
        return dualStack;
    }

    private void receive(ByteBuf bytes, InetSocketAddress from) {
        received.increment();
        DatagramKind kind = DatagramKind.of(bytes);
        Receiver receiver = receivers.get(kind);
        if (receiver == null || !receiver.received(bytes, from)) {
            dropped.computeIfAbsent(kind, k -> new LongAdder()).increment();
        }
    }

    /** Returns the counts until now. */
    public Counters counters() {
        Map<DatagramKind, Long> drops = new EnumMap<>(DatagramKind.class);
        dropped.forEach((kind, count) -> drops.put(kind, count.sum()));
        long failed = unsendable.sum()
                + sockets.stream().mapToLong(Datagrams::failures).sum();
        return new Counters(sent.sum(), received.sum(), failed, drops);
    }

    /** Closes the sockets. */
    public void close() {
        sockets.forEach(Datagrams::close);
    }
}
