package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection between two handlers of one process: what one end writes is passed to the other end's loop, without a
 * socket and without a copy. It is not subject to {@link Egress}, and an outsider can neither open nor imitate one.
 *
 * <p>Invariant: at most {@link #HIGH_WATER} bytes and one message are in flight to an end that does not read. Each end
 * is confined to its own loop; only tasks pass between the ends.
 */
public final class DirectConnection implements Connection {
    /** Bytes in flight above which a writer must wait, as with a socket. */
    private static final int HIGH_WATER = 512 << 10;

    /** Bytes in flight below which it may continue. */
    private static final int LOW_WATER = 256 << 10;

    private final Loop loop;
    private final InetSocketAddress remote;
    private final Deque<ByteBuf> arrived = new ArrayDeque<>();
    private @Nullable DirectConnection peer;
    private ConnectionHandler handler;
    private List<ByteBuf> written = new ArrayList<>();
    private int inFlight;
    private boolean full;
    private boolean reading = true;
    private int readSize = Integer.MAX_VALUE;
    private boolean closed;

    private DirectConnection(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
        this.loop = loop;
        this.remote = remote;
        this.handler = handler;
    }

    /**
     * One end of a connection to open.
     *
     * @param loop where the handler is called
     * @param address by which the other end knows it
     */
    public record End(Loop loop, InetSocketAddress address, ConnectionHandler handler) {}

    /** Opens a connection between the two. May be called from any thread. */
    public static void open(End first, End second) {
        DirectConnection one = new DirectConnection(first.loop, second.address, first.handler);
        DirectConnection other = new DirectConnection(second.loop, first.address, second.handler);
        one.peer = other;
        other.peer = one;
        other.loop.execute(other::notifyOpened); // both before anything that either of them writes
        one.loop.execute(one::notifyOpened);
    }

    private void notifyOpened() {
        if (!closed) {
            handler.opened(this);
        }
    }

    private DirectConnection peer() {
        return Objects.requireNonNull(peer);
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        inFlight += bytes.readableBytes();
        full |= inFlight >= HIGH_WATER;
        written.add(bytes);
    }

    @Override
    public void flush() {
        if (!closed && !written.isEmpty()) {
            ByteBuf all = written.size() == 1
                    ? written.getFirst()
                    : Unpooled.wrappedBuffer(written.size(), written.toArray(ByteBuf[]::new));
            written = new ArrayList<>();
            peer().loop.execute(() -> peer().arrive(all));
        }
    }

    private void arrive(ByteBuf bytes) {
        if (closed) {
            bytes.release();
        } else {
            arrived.add(bytes);
            deliver();
        }
    }

    private void deliver() {
        while (reading && !closed) {
            ByteBuf next = arrived.poll();
            if (next == null) {
                return;
            }
            int length = Math.min(next.readableBytes(), readSize);
            ByteBuf read = next.readRetainedSlice(length);
            if (next.isReadable()) {
                arrived.addFirst(next);
            } else {
                next.release();
            }
            try {
                handler.received(read);
            } finally {
                read.release();
            }
            peer().loop.execute(() -> peer().acknowledge(length));
        }
    }

    /** The other end has read {@code bytes} bytes. */
    private void acknowledge(int bytes) {
        inFlight -= bytes;
        if (full && inFlight <= LOW_WATER && !closed) {
            full = false;
            handler.writabilityChanged();
        }
    }

    @Override
    public boolean isWritable() {
        return !full && !closed;
    }

    @Override
    public void setReading(boolean reading) {
        this.reading = reading;
        if (reading) {
            loop.execute(this::deliver);
        }
    }

    @Override
    public void setReadSize(int most) {
        readSize = most;
    }

    @Override
    public void moveTo(Loop to, ConnectionHandler next) {
        if (!to.equals(loop)) {
            throw new IllegalArgumentException("this end stays on its loop");
        }
        handler = next;
        next.opened(this);
    }

    @Override
    public void close() {
        if (!closed) {
            flush(); // bytes written before are delivered, as over a socket
            end();
            peer().loop.execute(peer()::end);
        }
    }

    private void end() {
        if (!closed) {
            closed = true;
            written.forEach(bytes -> bytes.release());
            arrived.forEach(bytes -> bytes.release());
            arrived.clear();
            loop.execute(() -> handler.closed());
        }
    }
}
