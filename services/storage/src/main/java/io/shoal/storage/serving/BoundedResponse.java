package io.shoal.storage.serving;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.quarkus.vertx.utils.NoBoundChecksBuffer;
import io.shoal.storage.streams.OpenStream;
import io.vertx.core.buffer.impl.VertxByteBufAllocator;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The body of an answer on its way to one reader. At most {@link #IN_FLIGHT} bytes have been written that the reader's
 * connection has not taken: the queues below it have no bound that holds for a writer on another thread.
 */
final class BoundedResponse {
    /** Bytes that are written at once. */
    static final int CHUNK = 32 << 10;

    private static final int IN_FLIGHT = 3 * CHUNK;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final OpenStream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int inFlight;
    private boolean closed;

    BoundedResponse(HttpServerRequest request, OpenStream stream) {
        this.request = request;
        this.response = request.response();
        this.stream = stream;
        stream.onEnd(this::close);
    }

    /** Waits until a chunk may be written, but not longer than {@code patience}; returns whether it may. */
    boolean awaitRoom(Duration patience) throws IOException, InterruptedException {
        return await(IN_FLIGHT - CHUNK, patience);
    }

    /** Waits until the reader's connection has taken everything, but not longer than {@code patience}; returns whether it has. */
    boolean awaitTaken(Duration patience) throws IOException, InterruptedException {
        return await(0, patience);
    }

    private boolean await(int most, Duration patience) throws IOException, InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (!closed && inFlight > most && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (closed) {
                throw new ClosedResponseException();
            }
            return inFlight <= most;
        } finally {
            lock.unlock();
        }
    }

    /** Writes a chunk, for which there is room. */
    void write(byte[] bytes, int length) {
        lock.lock();
        try {
            inFlight += length;
        } finally {
            lock.unlock();
        }
        ByteBuf chunk =
                VertxByteBufAllocator.POOLED_ALLOCATOR.directBuffer(length).writeBytes(bytes, 0, length);
        response.write(new NoBoundChecksBuffer(chunk)).onComplete(written -> {
            if (written.succeeded()) {
                stream.taken(length);
            }
            settle(length, written.failed());
        });
    }

    private void settle(int length, boolean failed) {
        lock.lock();
        try {
            inFlight -= length;
            closed |= failed;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All has been written. */
    void end() {
        var _ = response.end();
    }

    private void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Breaks the answer off, so that the part is not taken for the whole. The connection's own way of closing would wait until
     * the reader has taken what is queued.
     */
    void reset() {
        if (request.version() == HttpVersion.HTTP_2) {
            response.reset();
        } else {
            Channel channel = ((ConnectionBase) request.connection()).channel();
            channel.eventLoop().execute(() -> {
                if (channel.isActive()) {
                    channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    var _ = channel.close();
                }
            });
        }
    }

    /** The reader is gone, or was disconnected. */
    static final class ClosedResponseException extends IOException {
        private static final long serialVersionUID = 1L;

        ClosedResponseException() {
            super("the reader is gone");
        }
    }
}
