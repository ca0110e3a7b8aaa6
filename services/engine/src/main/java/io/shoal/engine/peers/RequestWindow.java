package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.limits.EngineLimits;

/**
 * How many requests to keep outstanding at a peer, so that it is never idle: three seconds' worth of its rate.
 *
 * <p>Its rate is unknown at first, and too few requests keep it low. The window therefore starts as TCP does: one more
 * for each block received, which doubles it every round trip, until the rate stops growing.
 */
final class RequestWindow {
    private static final int SECONDS = 3;
    private static final int MIN = 4;
    private static final int FIRST = 16;
    private static final double STILL_GROWING = 1.1;

    private int size = FIRST;
    private boolean growing = true;
    private long previousRate;
    private int max = EngineLimits.REQUESTS_OPEN_DEFAULT;

    int size() {
        return size;
    }

    /** The peer queues at most {@code requestQueue} requests. */
    void limitTo(int requestQueue) {
        max = Math.clamp(requestQueue, 1, EngineLimits.REQUESTS_OPEN);
        size = Math.min(size, max);
    }

    void received() {
        if (growing && size < max) {
            size++;
        }
    }

    /**
     * Must be called about once a second while requests are outstanding.
     *
     * @param lastSecond bytes of the last second: an average would show the end of the growth too late
     * @param average bytes per second over some seconds
     */
    void tick(long lastSecond, long average) {
        if (growing && lastSecond > 0) {
            growing = lastSecond > previousRate * STILL_GROWING;
            previousRate = lastSecond;
        }
        if (!growing) {
            long worth = average * SECONDS / Pieces.BLOCK;
            size = Math.clamp(worth, Math.min(MIN, max), max);
        }
    }

    /** The peer has become slow: one request is kept outstanding, which shows when it is back. */
    void snubbed() {
        size = 1;
        growing = true;
        previousRate = 0;
    }
}
