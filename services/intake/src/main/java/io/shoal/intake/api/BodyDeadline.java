package io.shoal.intake.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;

/**
 * Cuts a client off that does not send its body in time, also while it sends nothing: a thread that waits for bytes then gets an
 * exception. A body has a grace, and beyond it the time that its length takes at the slowest rate that is accepted; the length of
 * a body that announces none is what has arrived.
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

    /** As many bytes as {@code count} have arrived. */
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

    /** The body is here. */
    @Override
    public void close() {
        over = true;
    }
}
