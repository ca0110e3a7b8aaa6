package io.shoal.engine.webseeds;

import io.shoal.bittorrent.metainfo.Pieces;

/** How fast a web seed sends while it is asked, and how much it should be asked for at once. */
final class Throughput {
    private static final double WEIGHT = 0.3;
    private static final double SECOND = 1e9;

    private long total;
    private long atTick;
    private long tickedAt;
    private boolean isTicking;
    private double rate;

    void add(int bytes) {
        total += bytes;
    }

    long total() {
        return total;
    }

    long perSecond() {
        return (long) rate;
    }

    /**
     * Must be called about once a second.
     *
     * @param asked whether it was sending, and was read
     */
    void tick(long now, boolean asked) {
        long elapsed = now - tickedAt;
        long bytes = total - atTick;
        if (isTicking && elapsed > 0 && (asked || bytes > 0)) {
            double last = bytes * SECOND / elapsed;
            rate = rate == 0 ? last : rate + WEIGHT * (last - rate);
        }
        isTicking = true;
        tickedAt = now;
        atTick = total;
    }

    /** Returns the length of the next run, in blocks. */
    int runBlocks() {
        long bytes = rate == 0 ? WebSeedLimits.RUN_BYTES_FIRST : (long) (rate * WebSeedLimits.RUN_SECONDS);
        long bounded = Math.clamp(bytes, WebSeedLimits.RUN_BYTES_MIN, WebSeedLimits.RUN_BYTES_MAX);
        return (int) (bounded / Pieces.BLOCK);
    }
}
