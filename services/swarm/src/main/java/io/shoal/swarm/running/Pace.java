package io.shoal.swarm.running;

import java.time.Duration;

/**
 * Spreads starts over time: a worker that is given a thousand slices at once would otherwise list the store a thousand times
 * in the same second. Any thread.
 */
final class Pace {
    private final long intervalNanos;
    private long next = System.nanoTime();

    /** @param perSecond how many may pass in a second */
    Pace(int perSecond) {
        intervalNanos = Duration.ofSeconds(1).toNanos() / perSecond;
    }

    /** How long the caller, who takes the next turn, must wait for it. */
    synchronized Duration turn() {
        long now = System.nanoTime();
        next = Math.max(next + intervalNanos, now);
        return Duration.ofNanos(next - now);
    }
}
