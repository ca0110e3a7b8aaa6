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
 * The body of an answer as it arrives, read on a thread that may block. What has arrived and is not read yet is bounded: the
 * connection is not read from while what waits costs more than {@link #HIGH} bytes.
 */
final class ReceivedBody extends InputStream implements FetchReceiver {
    private static final int HIGH = 256 << 10;
    private static final int LOW = 64 << 10;

    /** What each piece costs besides its bytes: a server may send one byte at a time. */
    private static final int PIECE_COST = 64;

    private final HttpFetch fetch;

    // Guarded by this.
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int waitingCost;
    private int firstOffset;
    private boolean paused;
    private boolean headed;
    private boolean completed;
    private int status;
    private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
    private @Nullable FetchFailure failure;

    ReceivedBody(EventLoop eventLoop, Egress egress, SslContext tls, FetchRequest request) {
        fetch = new HttpFetch(eventLoop, egress, tls, request, this, false);
    }

    /** Sends the request; called once. */
    void start() {
        fetch.start();
    }

    synchronized int status() {
        return status;
    }

    synchronized HttpHeaders headers() {
        return headers;
    }

    /** Returns when the head of the answer has arrived. */
    synchronized void awaitHead() throws IOException {
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
        if (firstOffset == first.length) {
            waiting.remove();
            waitingCost -= first.length + PIECE_COST;
            firstOffset = 0;
        }
        if (paused && waitingCost <= LOW) {
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

    @Override
    public synchronized void head(int status, HttpHeaders headers) {
        this.status = status;
        this.headers = headers;
        headed = true;
        notifyAll();
    }

    @Override
    public void body(ByteBuf bytes) {
        byte[] copy = ByteBufUtil.getBytes(bytes);
        synchronized (this) {
            waiting.add(copy);
            waitingCost += copy.length + PIECE_COST;
            if (!paused && waitingCost > HIGH) {
                paused = true;
                fetch.setReading(false);
            }
            notifyAll();
        }
    }

    @Override
    public synchronized void completed() {
        completed = true;
        notifyAll();
    }

    @Override
    public synchronized void failed(FetchFailure why) {
        failure = why;
        notifyAll();
    }
}
