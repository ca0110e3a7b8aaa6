package io.shoal.engine.limits;

/**
 * A token bucket: so many bytes per second, a tenth of a second's worth at once. Whoever finds it empty asks again later.
 * Shared by all loops.
 *
 * <p>What is spent is known only after the fact, so it may be overdrawn; then it stays closed until that is paid back. Over
 * any stretch of time the rate is kept but for one block of each spender.
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

    /** Whether bytes may flow at {@code now}, in nanoseconds of any clock that goes forward. */
    public boolean isOpen(long now) {
        if (bytesPerSecond == 0) {
            return true;
        }
        synchronized (this) {
            fill(now);
            return tokens > 0;
        }
    }

    /** So many bytes have flowed, or are about to. */
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
