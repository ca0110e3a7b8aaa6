package io.shoal.engine.peers;

import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;

/**
 * What a peer owes us, and how it pays: the blocks that it was asked for, and how many more it should be.
 *
 * <p>A block that was taken back, or that was owed when the peer choked us, may still come: so many are let pass. Of others
 * that nobody asked for a few are an accident, and more a flood.
 */
final class OutstandingRequests {
    private final RequestRing owed = new RequestRing();
    private final RequestWindow pipeline = new RequestWindow();
    private int mayStillCome;
    private int unasked;
    private boolean isSnubbed;

    /** When it paid last, or began to owe. */
    private long paidAt;

    /** How many more requests it should have open. */
    int wanted() {
        return Math.max(0, pipeline.depth() - owed.size());
    }

    boolean isEmpty() {
        return owed.size() == 0;
    }

    /** Whether it owed us blocks and sent none for long, and has done nothing since that lets hope. */
    boolean isSnubbed() {
        return isSnubbed;
    }

    /** The peer lets us ask again. */
    void unchoked() {
        isSnubbed = false;
    }

    /** Piece of the oldest that is owed; there must be one. */
    int firstPiece() {
        return owed.firstPiece();
    }

    /** Where in its piece the oldest begins. */
    int firstBegin() {
        return owed.firstBegin();
    }

    /** The peer keeps no more than so many requests. */
    void bound(int requestQueue) {
        pipeline.bound(requestQueue);
    }

    /** A block is asked for. */
    void add(int piece, int begin, long now) {
        if (isEmpty()) {
            paidAt = now;
        }
        owed.add(piece, begin);
    }

    /** @return whether the block was owed; it is not any more */
    boolean takeBack(int piece, int begin) {
        boolean wasOwed = owed.remove(piece, begin);
        mayStillCome += wasOwed ? 1 : 0;
        return wasOwed;
    }

    /** Nothing that is owed is waited for any more. */
    void forget() {
        mayStillCome += owed.size();
        owed.clear();
    }

    /**
     * A block has come.
     *
     * @throws PeerWireException if it is one too many of those that nobody asked for
     */
    void paid(int piece, int begin, long now) throws PeerWireException {
        boolean wasOwed = owed.remove(piece, begin);
        if (!wasOwed && mayStillCome > 0) {
            mayStillCome--;
        } else if (!wasOwed && ++unasked > EngineLimits.UNASKED_BLOCKS) {
            throw new PeerWireException("a flood of blocks that nobody asked for");
        }
        paidAt = now;
        isSnubbed = false;
        pipeline.received();
    }

    /**
     * To be called about once a second.
     *
     * @return whether the peer has not paid for so long that it is not waited for any more
     */
    boolean tick(long now, long bytesPerSecond) {
        if (isEmpty()) {
            return false;
        }
        pipeline.tick(bytesPerSecond);
        if (now - paidAt <= EngineLimits.SNUBBED.toNanos()) {
            return false;
        }
        isSnubbed = true;
        pipeline.snubbed();
        forget();
        return true;
    }
}
