package io.shoal.engine.peers;

/** Measures bytes per second: a moving average over some seconds. */
public final class RateMeter {
    private static final double WEIGHT = 0.3;
    private static final double SECOND = 1e9;

    private long total;
    private long atTick;
    private long last;
    private double rate;
    private long best;

    public void add(long bytes) {
        total += bytes;
    }

    /** Returns all bytes since the start. */
    public long total() {
        return total;
    }

    /** Returns bytes per second, as of the last tick. */
    public long perSecond() {
        return (long) rate;
    }

    /** Returns the most that {@link #perSecond} has been. */
    public long best() {
        return best;
    }

    /** Returns bytes per second between the last two ticks. */
    public long lastSecond() {
        return last;
    }

    /** Must be called about once a second. */
    public void tick(long elapsedNanos) {
        if (elapsedNanos <= 0) {
            return;
        }
        double now = (total - atTick) * SECOND / elapsedNanos;
        atTick = total;
        last = (long) now;
        rate = rate == 0 ? now : rate + WEIGHT * (now - rate);
        if (rate < 1) {
            rate = 0;
        }
        best = Math.max(best, perSecond());
    }
}
