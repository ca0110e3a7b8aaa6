package io.shoal.intake.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;

/**
 * Closes the connection of a client that does not send its body in time, even one that sends nothing: the thread that waits for bytes
 * then gets an exception. A body may take a grace period plus the time that its length takes at the slowest accepted rate; the length
 * of a body that announces none is the number of bytes that have arrived.
 */
final class BodyDeadline implements AutoCloseable {
    private static final long CANCEL = 8; // the HTTP/2 error code

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Duration grace;
    private final int rate;
    private final long begun = System.nanoTime();
    private volatile long length;
    private volatile boolean over;

    /**
     * @param announced bytes of the body, or -1
     * @param rate bytes a second
     */
    BodyDeadline(Vertx vertx, HttpServerRequest request, long announced, Duration grace, int rate) {
        this.vertx = vertx;
        this.request = request;
        this.grace = grace;
        this.rate = rate;
        this.length = Math.max(0, announced);
        look(left());
    }

    /** Notes that {@code count} bytes have arrived so far. */
    void arrived(int count) {
        length = Math.max(length, count);
    }

    private long left() {
        long allowed = grace.toMillis() + length * 1_000 / rate;
        return allowed - (System.nanoTime() - begun) / 1_000_000;
    }

    private void look(long delayMillis) {
        vertx.setTimer(Math.max(1, delayMillis), timer -> {
            if (over) {
                return;
            }
            long left = left();
            if (left > 0) {
                look(left);
            } else if (request.version() == HttpVersion.HTTP_2) {
                request.response().reset(CANCEL);
            } else {
                request.connection().close();
            }
        });
    }

    /** Ends the watch: the body is complete, or was given up. */
    @Override
    public void close() {
        over = true;
    }
}
