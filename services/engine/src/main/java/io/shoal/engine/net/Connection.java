package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** A stream of bytes to one peer. Used on its loop only. */
public interface Connection {
    /** The loop that the connection is on now. */
    Loop loop();

    /** The peer's address. */
    InetSocketAddress remote();

    /** Whether what is sent is encrypted on the way. */
    default boolean isEncrypted() {
        return false;
    }

    /** Queues {@code bytes}, which it takes over; they are sent with {@link #flush} at the latest. */
    void write(ByteBuf bytes);

    /** Sends the queued bytes. */
    void flush();

    /** Whether the queue is below its mark: test this before queueing payload. */
    boolean isWritable();

    /** Stops or resumes reading, which makes the peer wait. */
    void setReading(boolean reading);

    /** Sets how many bytes one read may bring at most, at least 1; so a receiver that stops reading receives no more than that. */
    void setReadSize(int most);

    /** Makes {@code handler} the handler of this connection from now on, on {@code loop}. Called at most once. */
    void moveTo(Loop loop, ConnectionHandler handler);

    /** Closes the connection; {@link ConnectionHandler#closed} is called. */
    void close();
}
