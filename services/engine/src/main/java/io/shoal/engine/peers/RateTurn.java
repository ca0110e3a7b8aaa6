package io.shoal.engine.peers;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;

/**
 * One peer's turn at a torrent's rate.
 *
 * <p>Invariant: a grant that arrives after {@link #cancel} is given back, so no bytes of the rate are lost.
 */
final class RateTurn implements RateTree.Waiter {
    private final Loop loop;
    private final Share share;
    private final Runnable granted;
    private boolean isWaiting;

    /** @param granted called on {@code loop} when {@link RateTree#QUANTUM} bytes may flow */
    RateTurn(Loop loop, Share share, Runnable granted) {
        this.loop = loop;
        this.share = share;
        this.granted = granted;
    }

    boolean isWaiting() {
        return isWaiting;
    }

    /** Waits for the next turn, if the peer does not wait already. */
    void request() {
        if (!isWaiting) {
            isWaiting = true;
            share.await(this);
        }
    }

    void cancel() {
        if (isWaiting) {
            isWaiting = false;
            share.cancel(this);
        }
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void granted() {
        if (isWaiting) {
            isWaiting = false;
            granted.run();
        } else {
            share.refund(RateTree.QUANTUM);
        }
    }
}
