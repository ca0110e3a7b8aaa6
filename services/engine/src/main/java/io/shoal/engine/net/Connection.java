package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** A stream of bytes to one peer. Used on its loop only. */
public interface Connection {
    /** The loop that it is on now. */
    Loop loop();

    /** The peer's address. */
    InetSocketAddress remote();

    /** Queues {@code bytes}, which it takes over; they leave with {@link #flush} at the latest. */
    void write(ByteBuf bytes);

    /** Sends what is queued. */
    void flush();

    /** Whether less is queued than should be: ask before queueing payload. */
    boolean isWritable();

    /** Stops or resumes reading: how a peer is made to wait. */
    void setReading(boolean reading);

    /** Makes {@code handler} the one that hears of this connection from now on, on {@code loop}. Called once, at most. */
    void moveTo(Loop loop, ConnectionHandler handler);

    /** Closes it; {@link ConnectionHandler#closed} is told. */
    void close();
}
