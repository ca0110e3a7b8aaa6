package io.shoal.engine.webseeds;

import java.time.Duration;

/**
 * How long a web seed is left alone after a failure. The pause grows with each failure until an answer was complete, and is never shorter than
 * the server asks for, up to {@link WebSeedLimits#PAUSE_MAX}.
 */
final class Backoff {
    private int failures;

    /** An answer was complete. */
    void succeeded() {
        failures = 0;
    }

    /**
     * Returns the pause after one more failure.
     *
     * @param first the pause after the first one
     * @param retryAfter what the server asks for; zero if it asks for nothing
     */
    Duration failed(Duration first, Duration retryAfter) {
        long grown = first.toNanos() << Math.min(failures, 8);
        failures++;
        long nanos = Math.max(grown, retryAfter.toNanos());
        return Duration.ofNanos(Math.min(nanos, WebSeedLimits.PAUSE_MAX.toNanos()));
    }
}
