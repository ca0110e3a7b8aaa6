package io.shoal.intake.access;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket that holds as many tokens as the burst and is filled at the rate of a limit; each request takes one. The only
 * state is the time at which the bucket will be full again (GCRA), so it costs one number and no timer, and a limit may change at any time.
 */
final class TokenBucket {
    private static final double NANOS = 1e9;

    /** The moment at which the bucket is full, in nanoseconds of the caller's clock. */
    private final AtomicLong fullAt;

    TokenBucket(long now) {
        fullAt = new AtomicLong(now);
    }

    /** Takes a token at the moment {@code now}, if there is one. */
    LimitStatus take(RequestLimit limit, long now) {
        long token = Math.max(1, Math.round(NANOS / limit.perSecond()));
        long capacity = token * limit.burst();
        while (true) {
            long before = fullAt.get();
            long missing = Math.clamp(before - now, 0, capacity);
            long after = missing + token;
            if (after > capacity) {
                return new LimitStatus(false, limit, 0, Duration.ofNanos(missing), Duration.ofNanos(after - capacity));
            }
            if (fullAt.compareAndSet(before, now + after)) {
                return new LimitStatus(
                        true, limit, (int) ((capacity - after) / token), Duration.ofNanos(after), Duration.ZERO);
            }
        }
    }
}
