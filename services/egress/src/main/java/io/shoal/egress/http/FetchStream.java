package io.shoal.egress.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.shoal.egress.Egress;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer on a thread that may block. What has arrived and is not read yet is bounded: the connection is not read from
 * while more than {@link #HIGH} bytes wait.
 */
public final class FetchStream extends InputStream {
    private static final int HIGH = 256 << 10;
    private static final int LOW = 64 << 10;

    private final HttpFetch fetch;

    // Guarded by this.
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private int firstOffset;
    private boolean paused;
    private boolean headed;
    private boolean completed;
    private int status;
    private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
    private @Nullable FetchFailure failure;

    private FetchStream(EventLoop eventLoop, Egress egress, SslContext tls, FetchRequest request) {
        fetch = new HttpFetch(eventLoop, egress, tls, request, new Feeder());
    }

    /**
     * Sends the request and returns when the head of the answer has arrived.
     *
     * @throws FetchException if no answer came
     */
    public static FetchStream open(EventLoop eventLoop, Egress egress, SslContext tls, FetchRequest request)
            throws IOException {
        FetchStream stream = new FetchStream(eventLoop, egress, tls, request);
        stream.fetch.start();
        try {
            stream.awaitHead();
        } catch (IOException e) {
            stream.close();
            throw e;
        }
        return stream;
    }

    /** The status of the answer. */
    public synchronized int status() {
        return status;
    }

    /** The headers of the answer. */
    public synchronized HttpHeaders headers() {
        return headers;
    }

    private synchronized void awaitHead() throws IOException {
        await(() -> headed || failure != null);
        if (!headed) {
            throw new FetchException(Objects.requireNonNull(failure));
        }
    }

    private synchronized void await(BooleanSupplier state) throws InterruptedIOException {
        try {
            while (!state.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        synchronized (this) {
            await(() -> !waiting.isEmpty() || completed || failure != null);
            byte[] first = waiting.peek();
            if (first != null) {
                return take(first, into, offset, length);
            }
            if (failure != null) {
                throw new FetchException(failure);
            }
            return -1;
        }
    }

    private int take(byte[] first, byte[] into, int offset, int length) {
        int count = Math.min(length, first.length - firstOffset);
        System.arraycopy(first, firstOffset, into, offset, count);
        firstOffset += count;
        waitingBytes -= count;
        if (firstOffset == first.length) {
            waiting.remove();
            firstOffset = 0;
        }
        if (paused && waitingBytes <= LOW) {
            paused = false;
            fetch.setReading(true);
        }
        return count;
    }

    /** Ends the fetch, complete or not. */
    @Override
    public void close() {
        fetch.cancel();
    }

    /** Runs on the event loop. */
    private final class Feeder implements FetchReceiver {
        @Override
        public void head(int status, HttpHeaders headers) {
            synchronized (FetchStream.this) {
                FetchStream.this.status = status;
                FetchStream.this.headers = headers;
                headed = true;
                FetchStream.this.notifyAll();
            }
        }

        @Override
        public void body(ByteBuf bytes) {
            byte[] copy = ByteBufUtil.getBytes(bytes);
            synchronized (FetchStream.this) {
                waiting.add(copy);
                waitingBytes += copy.length;
                if (!paused && waitingBytes > HIGH) {
                    paused = true;
                    fetch.setReading(false);
                }
                FetchStream.this.notifyAll();
            }
        }

        @Override
        public void completed() {
            synchronized (FetchStream.this) {
                completed = true;
                FetchStream.this.notifyAll();
            }
        }

        @Override
        public void failed(FetchFailure why) {
            synchronized (FetchStream.this) {
                failure = why;
                FetchStream.this.notifyAll();
            }
        }
    }
}
