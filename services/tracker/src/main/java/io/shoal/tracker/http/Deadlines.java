package io.shoal.tracker.http;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The open connections of one event loop, each with a time at which it is over. They are looked through every now and then,
 * because a timer for each would cost a connection that lives for one request more than its request does. Confined to the loop.
 */
final class Deadlines {
    /** So much longer than its time a connection may live. */
    private static final long LOOK_MILLIS = 100;

    private final List<HttpConnection> open = new ArrayList<>();

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the loop
    Deadlines(EventExecutor loop) {
        loop.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** From now on {@code exchange} is looked at; returns its place, to be given back when it ends. */
    int add(HttpConnection exchange) {
        open.add(exchange);
        return open.size() - 1;
    }

    /** The connection at {@code place} has ended; the last one takes its place. */
    void remove(int place) {
        HttpConnection last = open.removeLast();
        if (place < open.size()) {
            open.set(place, last);
            last.moved(place);
        }
    }

    private void look() {
        long now = System.nanoTime();
        // From the end: a connection that ends leaves its place to one that was already checked.
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).endIfLate(now);
        }
    }
}
