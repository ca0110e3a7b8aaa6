package io.shoal.engine.peers;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;

/** Sends blocks to one peer at the torrent's upload rate: each block is granted before it is read from the store. */
final class SendThrottle {
    private final Share share;
    private final Peer peer;
    private final RateTurn turn;
    private boolean isLimited;
    private boolean hasGrant;

    SendThrottle(Loop loop, Share share, Peer peer) {
        this.share = share;
        this.peer = peer;
        this.turn = new RateTurn(loop, share, this::granted);
    }

    /** Whether blocks are granted one by one. */
    boolean isLimited() {
        return isLimited;
    }

    /** Takes a grant for a block of {@code length} bytes. If there is none, the peer is resumed when its turn comes. */
    boolean takeBlock(int length) {
        if (!isLimited) {
            return true;
        }
        if (hasGrant || !turn.isWaiting() && share.tryTake()) {
            hasGrant = false;
            share.charge(length - RateTree.QUANTUM);
            return true;
        }
        turn.request();
        return false;
    }

    /** So many bytes that were granted are not sent. */
    void giveBack(int bytes) {
        if (isLimited) {
            share.refund(bytes);
        }
    }

    private void granted() {
        hasGrant = true;
        peer.resume();
        if (hasGrant) { // nothing to send any more
            hasGrant = false;
            share.refund(RateTree.QUANTUM);
        }
    }

    /** Must be called about once a second, and when the connection opens. */
    void tick() {
        boolean before = isLimited;
        isLimited = share.isLimited();
        if (isLimited != before) {
            turn.cancel();
            peer.resume();
        }
    }

    void close() {
        turn.cancel();
    }
}
