package io.shoal.engine.peers;

/** How many bytes per second flow now: an average over some seconds that forgets the past smoothly. */
public final class RateMeter {
    private static final double WEIGHT = 0.3;
    private static final double SECOND = 1e9;

    private long total;
    private long atTick;
    private double rate;

    public void add(long bytes) {
        total += bytes;
    }

    /** All bytes since the beginning. */
    public long total() {
        return total;
    }

    /** Bytes per second, as of the last tick. */
    public long perSecond() {
        return (long) rate;
    }

    /** To be called about once a second. */
    public void tick(long elapsedNanos) {
        if (elapsedNanos <= 0) {
            return;
        }
        double now = (total - atTick) * SECOND / elapsedNanos;
        atTick = total;
        rate = rate == 0 ? now : rate + WEIGHT * (now - rate);
        if (rate < 1) {
            rate = 0;
        }
    }
}
