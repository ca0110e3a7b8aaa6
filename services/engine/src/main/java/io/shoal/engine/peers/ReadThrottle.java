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
final class ReadThrottle {
    /** Enough for messages without payload. */
    private static final int UNGRANTED_READ = 2 << 10;

    private static final Duration GRANT_LIFE = Duration.ofSeconds(1);

    private final Loop loop;
    private final Share share;
    private final Peer peer;
    private final RateTurn turn;
    private boolean isLimited;
    private int granted;
    private long grantedAt;

    ReadThrottle(Loop loop, Share share, Peer peer) {
        this.loop = loop;
        this.share = share;
        this.peer = peer;
        this.turn = new RateTurn(loop, share, this::granted);
    }

    /** Whether the peer must not be read before its turn. */
    boolean isWaiting() {
        return turn.isWaiting();
    }

    /** So many bytes were read. */
    void received(int bytes) {
        if (!isLimited) {
            return;
        }
        granted -= bytes;
        if (granted > 0) {
            peer.setReadSize(granted);
            return;
        }
        share.charge(-granted); // what was read without a grant
        granted = 0;
        turn.request();
    }

    private void granted() {
        granted = RateTree.QUANTUM;
        grantedAt = loop.nanoTime();
        peer.setReadSize(granted);
        peer.resume();
    }

    /** Must be called about once a second, and when the connection opens. */
    void tick(long now) {
        boolean before = isLimited;
        isLimited = share.isLimited();
        if (isLimited != before) {
            close();
            peer.setReadSize(isLimited ? UNGRANTED_READ : Integer.MAX_VALUE);
            peer.resume();
        } else if (granted > 0 && now - grantedAt >= GRANT_LIFE.toNanos()) {
            close();
            peer.setReadSize(UNGRANTED_READ);
        }
    }

    /** Gives back what was granted, and waits no more. */
    void close() {
        turn.cancel();
        share.refund(granted);
        granted = 0;
    }
}
