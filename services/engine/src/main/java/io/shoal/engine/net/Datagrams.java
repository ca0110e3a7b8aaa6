package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/**
 * A UDP socket. Used on its loop only, but for {@link #failures} and {@link #close}.
 *
 * <p>Invariant: what happens to one datagram affects no other. A datagram that cannot be sent (no route, refused, no
 * room in the queue) is dropped and counted, and the socket stays open: its sender repeats it as if it had been lost.
 */
public interface Datagrams {
    /** Bytes of a datagram that are received; the rest of a longer one is cut off. More than peers and trackers send. */
    int RECEIVED_MAX = 4_096;

    /** The address that the socket is bound to. */
    InetSocketAddress local();

    /** Queues {@code bytes}, which it takes over, for {@code to}; they are sent with {@link #flush} at the latest. */
    void send(ByteBuf bytes, InetSocketAddress to);

    /** Sends what is queued. */
    void flush();

    /** How many datagrams could not be sent, or not received. */
    long failures();

    /** Closes the socket; may be called more than once. */
    void close();

    /** Is notified of the datagrams that arrive, on the socket's loop. */
    @FunctionalInterface
    interface Receiver {
        /** A datagram was received. It belongs to the caller: what is kept must be retained or copied. */
        void received(ByteBuf bytes, InetSocketAddress from);
    }
}
