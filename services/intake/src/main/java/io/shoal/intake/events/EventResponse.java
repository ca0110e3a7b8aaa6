package io.shoal.intake.events;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The answer that an event stream is written to. Senders only put frames into a queue; the connection's event loop writes
 * them, never more than {@link #IN_FLIGHT} bytes beyond what the connection has taken, so a client that does not read delays no other
 * stream and fills no other queue.
 *
 * <p>The queue has no bound of its own: senders ask {@link #pending} and leave streams alone that lag behind. {@link #isStalled} tells of
 * a client that takes nothing.
 *
 * <p>The response is written on the event loop only, and never with the lock held by another thread: its own lock is taken then.
 */
public final class EventResponse {
    private static final int CHUNK = 32 << 10;
    private static final int IN_FLIGHT = 2 * CHUNK;

    /** The first bytes, so that a client knows at once that the stream is open. */
    private static final String OPENING = ": open\n\n";

    private final HttpServerResponse response;
    private final SseEventSink sink;
    private final Channel channel;
    private final LongSupplier nanos;
    private final Deque<Queued> queue = new ArrayDeque<>();
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private volatile @Nullable Runnable drained;
    private long pending;
    private int inFlight;
    private long tookAt;
    private boolean isClosed;

    /** A frame of which the connection has not taken everything. */
    private static final class Queued {
        final Frame frame;
        final long since;
        int written;
        int taken;

        Queued(Frame frame, long since) {
            this.frame = frame;
            this.since = since;
        }
    }

    /** @param nanos a clock as {@link System#nanoTime} */
    EventResponse(HttpServerResponse response, SseEventSink sink, Channel channel, LongSupplier nanos) {
        this.response = response;
        this.sink = sink;
        this.channel = channel;
        this.nanos = nanos;
        this.tookAt = nanos.getAsLong();
    }

    /**
     * Begins to answer {@code request}, whose other headers are set.
     *
     * @param sink which keeps the request open until it is closed
     */
    public static EventResponse begin(HttpServerRequest request, SseEventSink sink) {
        var _ = request.response().setChunked(true).write(OPENING);
        Channel channel = ((ConnectionBase) request.connection()).channel();
        return new EventResponse(request.response(), sink, channel, System::nanoTime);
    }

    /** Sets what is done, on the event loop, each time that the connection has taken everything. */
    void onDrained(Runnable action) {
        drained = action;
    }

    /** Returns the bytes that the connection has not taken. */
    synchronized long pending() {
        return pending;
    }

    /** Returns whether the client is gone. */
    boolean isGone() {
        return response.closed() || response.ended();
    }

    /** Returns whether there is something that the client could take, and it has taken nothing for {@code patience}. */
    synchronized boolean isStalled(Duration patience) {
        Queued oldest = queue.peek();
        long now = nanos.getAsLong();
        return oldest != null && Math.min(now - oldest.since, now - tookAt) > patience.toNanos();
    }

    /** Queues a frame; after the end it is dropped. */
    void send(Frame frame) {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            frame.hold();
            queue.add(new Queued(frame, nanos.getAsLong()));
            pending += frame.length();
        }
        schedule();
    }

    private void schedule() {
        if (!isScheduled.getAndSet(true)) {
            channel.eventLoop().execute(this::write);
        }
    }

    private void write() {
        isScheduled.set(false);
        if (isGone()) {
            return;
        }
        for (Buffer next = next(); next != null; next = next()) {
            int length = next.length();
            response.write(next).onComplete(written -> taken(length, written.succeeded()));
        }
    }

    /** Returns what may be written now. */
    private synchronized @Nullable Buffer next() {
        if (isClosed || inFlight > IN_FLIGHT - CHUNK) {
            return null;
        }
        for (Queued queued : queue) {
            if (queued.written < queued.frame.length()) {
                int end = Math.min(queued.written + CHUNK, queued.frame.length());
                Buffer part = queued.frame.part(queued.written, end);
                inFlight += end - queued.written;
                queued.written = end;
                return part;
            }
        }
        return null;
    }

    private void taken(int length, boolean succeeded) {
        boolean isDrained;
        synchronized (this) {
            inFlight -= length;
            pending -= isClosed ? 0 : length;
            tookAt = nanos.getAsLong();
            Queued oldest = queue.peek();
            if (oldest != null) {
                oldest.taken += length;
                if (oldest.taken == oldest.frame.length()) {
                    queue.remove();
                    oldest.frame.release();
                }
            }
            isDrained = succeeded && !isClosed && pending == 0;
        }
        Runnable action = drained;
        if (!isDrained) {
            schedule();
        } else if (action != null) {
            action.run();
        }
    }

    /** Ends the stream. A connection that has not taken everything is closed, because the end would wait for that. */
    void end() {
        boolean isTaken;
        synchronized (this) {
            isTaken = pending == 0;
            isClosed = true;
            queue.forEach(queued -> queued.frame.release());
            queue.clear();
            pending = 0;
        }
        channel.eventLoop().execute(() -> {
            if (isTaken || !channel.isActive()) {
                sink.close();
            } else {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                var _ = channel.close();
            }
        });
    }
}
