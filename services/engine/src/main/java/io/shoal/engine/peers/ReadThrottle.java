package io.shoal.engine.peers;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import java.time.Duration;

/**
 * Reads one peer at the torrent's download rate: after each read the peer waits for its turn, and then reads what it was granted.
 * A peer that has not used its grant for a while gives it back, so idle peers hold no bytes of the rate; they still read a
 * little, which is paid afterwards.
 */
final class ReadThrottle implements RateTree.Waiter {
    /** Enough for messages without payload. */
    private static final int UNGRANTED_READ = 2 << 10;

    private static final Duration GRANT_LIFE = Duration.ofSeconds(1);

    private final Loop loop;
    private final Share share;
    private final Peer peer;
    private boolean limited;
    private boolean waiting;
    private int granted;
    private long grantedAt;

    ReadThrottle(Loop loop, Share share, Peer peer) {
        this.loop = loop;
        this.share = share;
        this.peer = peer;
    }

    /** Whether the peer must not be read before its turn. */
    boolean isWaiting() {
        return waiting;
    }

    /** So many bytes were read. */
    void received(int bytes) {
        if (!limited) {
            return;
        }
        granted -= bytes;
        if (granted > 0) {
            peer.setReadSize(granted);
            return;
        }
        if (granted < 0) {
            share.charge(-granted);
        }
        granted = 0;
        if (!waiting) {
            waiting = true;
            share.await(this);
        }
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void granted() {
        if (!waiting) {
            share.refund(RateTree.QUANTUM); // the peer has left, or the limit was removed
            return;
        }
        waiting = false;
        granted = RateTree.QUANTUM;
        grantedAt = loop.nanoTime();
        peer.setReadSize(granted);
        peer.resume();
    }

    /** Must be called about once a second, and when the connection opens. */
    void tick(long now) {
        boolean isLimited = share.isLimited();
        if (isLimited != limited) {
            stopWaiting();
            limited = isLimited;
            peer.setReadSize(limited ? UNGRANTED_READ : Integer.MAX_VALUE);
            peer.resume();
        } else if (granted > 0 && now - grantedAt >= GRANT_LIFE.toNanos()) {
            stopWaiting();
            peer.setReadSize(UNGRANTED_READ);
        }
    }

    void close() {
        stopWaiting();
    }

    private void stopWaiting() {
        if (waiting) {
            waiting = false;
            share.cancel(this);
        }
        share.refund(granted);
        granted = 0;
    }
}
