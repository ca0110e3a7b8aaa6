package io.shoal.engine.peers;

/**
 * The time of a connection, which stands still while we do not read from it: a peer is not late, nor silent, because
 * its bytes wait for our store or for a rate limit.
 */
final class ReadingClock {
    private boolean stopped;
    private long stoppedAt;
    private long stoppedFor;

    /** Returns the time at {@code now}, in nanoseconds. */
    long at(long now) {
        return (stopped ? stoppedAt : now) - stoppedFor;
    }

    /** Reading stops. */
    void stop(long now) {
        if (!stopped) {
            stopped = true;
            stoppedAt = now;
        }
    }

    /** Reading continues. */
    void start(long now) {
        if (stopped) {
            stopped = false;
            stoppedFor += now - stoppedAt;
        }
    }
}
