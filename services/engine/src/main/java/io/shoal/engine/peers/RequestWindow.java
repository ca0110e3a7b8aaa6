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

    private int depth = FIRST;
    private boolean growing = true;
    private long rateBefore;
    private int max = EngineLimits.REQUESTS_OPEN_UNTOLD;

    int depth() {
        return depth;
    }

    /** The peer keeps no more than so many. */
    void bound(int requestQueue) {
        max = Math.clamp(requestQueue, 1, EngineLimits.REQUESTS_OPEN);
        depth = Math.min(depth, max);
    }

    void received() {
        if (growing && depth < max) {
            depth++;
        }
    }

    /** Called about once a second while blocks are owed. */
    void tick(long bytesPerSecond) {
        if (growing && bytesPerSecond > 0) {
            growing = bytesPerSecond > rateBefore * STILL_GROWING;
            rateBefore = bytesPerSecond;
        }
        if (!growing) {
            long worth = bytesPerSecond * SECONDS / Pieces.BLOCK;
            depth = Math.clamp(worth, Math.min(MIN, max), max);
        }
    }

    /** The peer has become slow: it is asked for one block, and shows by that when it is back. */
    void snubbed() {
        depth = 1;
        growing = true;
        rateBefore = 0;
    }
}
