package io.shoal.engine.limits;

/**
 * A token bucket: a number of bytes per second, with a burst of a tenth of a second. A caller that finds it empty asks
 * again later. Shared by all loops.
 *
 * <p>The bytes spent are known only afterwards, so the bucket may be overdrawn; it then stays closed until the deficit
 * is refilled. Over any period the rate is kept, except for one block of each caller.
 */
public final class RateLimiter {
    private static final long SECOND = 1_000_000_000L;
    private static final long BURST_PART = 10;

    private final long bytesPerSecond;
    private final long burst;
    private long tokens;
    private long filledAt;
    private boolean started;

    /** {@code bytesPerSecond} may be 0 for no limit. */
    public RateLimiter(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        this.burst = Math.max(bytesPerSecond / BURST_PART, 1);
        this.tokens = burst;
    }

    /** Whether bytes may flow at {@code now}, in nanoseconds of any monotonic clock. */
    public boolean isOpen(long now) {
        if (bytesPerSecond == 0) {
            return true;
        }
        synchronized (this) {
            fill(now);
            return tokens > 0;
        }
    }

    /** Takes {@code bytes} that have flowed or are about to flow. */
    public void spend(long bytes) {
        if (bytesPerSecond != 0) {
            synchronized (this) {
                tokens -= bytes;
            }
        }
    }

    private void fill(long now) {
        if (!started) {
            started = true;
            filledAt = now;
            return;
        }
        long passed = Math.min(now - filledAt, SECOND);
        long gained = (long) ((double) passed * bytesPerSecond / SECOND);
        if (gained > 0) {
            tokens = Math.min(burst, tokens + gained);
            filledAt = now;
        }
    }
}
