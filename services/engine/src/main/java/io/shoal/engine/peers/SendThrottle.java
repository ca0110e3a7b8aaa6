package io.shoal.engine.peers;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;

/** Sends blocks to one peer at the torrent's upload rate: each block is granted before it is read from the store. */
final class SendThrottle implements RateTree.Waiter {
    private final Loop loop;
    private final Share share;
    private final Peer peer;
    private boolean limited;
    private boolean waiting;
    private boolean granted;

    SendThrottle(Loop loop, Share share, Peer peer) {
        this.loop = loop;
        this.share = share;
        this.peer = peer;
    }

    /** Whether blocks are granted one by one. */
    boolean isLimited() {
        return limited;
    }

    /** Takes a grant for a block of {@code length} bytes. If there is none, the peer is resumed when its turn comes. */
    boolean takeBlock(int length) {
        if (!limited) {
            return true;
        }
        if (granted || !waiting && share.tryTake()) {
            granted = false;
            share.charge(length - RateTree.QUANTUM);
            return true;
        }
        if (!waiting) {
            waiting = true;
            share.await(this);
        }
        return false;
    }

    /** So many bytes that were granted are not sent. */
    void giveBack(int bytes) {
        if (limited) {
            share.refund(bytes);
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
        granted = true;
        peer.resume();
        if (granted) { // nothing to send any more
            granted = false;
            share.refund(RateTree.QUANTUM);
        }
    }

    /** Must be called about once a second, and when the connection opens. */
    void tick() {
        boolean isLimited = share.isLimited();
        if (isLimited != limited) {
            close();
            limited = isLimited;
            peer.resume();
        }
    }

    void close() {
        if (waiting) {
            waiting = false;
            share.cancel(this);
        }
    }
}
