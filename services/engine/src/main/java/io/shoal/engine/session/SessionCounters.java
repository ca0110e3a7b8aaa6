package io.shoal.engine.session;

import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.peers.RateMeter;

/** Counts the payload of a session. */
final class SessionCounters {
    private final Resumed resumed;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();
    private long tickedAt;

    SessionCounters(Resumed resumed) {
        this.resumed = resumed;
    }

    void received(int bytes) {
        down.add(bytes);
    }

    void sent(int bytes) {
        up.add(bytes);
    }

    void tick(long now) {
        if (tickedAt != 0) {
            down.tick(now - tickedAt);
            up.tick(now - tickedAt);
        }
        tickedAt = now;
    }

    /** Payload bytes received in the session, predecessors included. */
    long downloaded() {
        return resumed.downloaded() + down.total();
    }

    /** Payload bytes sent in the session, predecessors included. */
    long uploaded() {
        return resumed.uploaded() + up.total();
    }

    long downRate() {
        return down.perSecond();
    }

    long upRate() {
        return up.perSecond();
    }
}
