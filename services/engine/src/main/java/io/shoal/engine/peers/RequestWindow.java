package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.limits.EngineLimits;

/**
 * How many requests to leave open at a peer, so that it is never idle and no more: three seconds' worth of what it gives.
 *
 * <p>Its rate is unknown at first, and is held down by too few requests. So it begins as TCP does: one more for each block
 * that comes, which doubles them every round trip, until the rate grows no more.
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

    /** The peer keeps no more than so many. */
    void limitTo(int requestQueue) {
        max = Math.clamp(requestQueue, 1, EngineLimits.REQUESTS_OPEN);
        size = Math.min(size, max);
    }

    void received() {
        if (growing && size < max) {
            size++;
        }
    }

    /** Called about once a second while blocks are owed. */
    void tick(long bytesPerSecond) {
        if (growing && bytesPerSecond > 0) {
            growing = bytesPerSecond > previousRate * STILL_GROWING;
            previousRate = bytesPerSecond;
        }
        if (!growing) {
            long worth = bytesPerSecond * SECONDS / Pieces.BLOCK;
            size = Math.clamp(worth, Math.min(MIN, max), max);
        }
    }

    /** The peer has become slow: it is asked for one block, and shows by that when it is back. */
    void snubbed() {
        size = 1;
        growing = true;
        previousRate = 0;
    }
}
