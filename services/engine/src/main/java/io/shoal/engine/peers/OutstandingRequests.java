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
    private final RequestRing ring = new RequestRing();
    private final RequestWindow window = new RequestWindow();
    private int late;
    private int unrequested;
    private boolean isSnubbed;

    /** When it paid last, or began to owe. */
    private long lastReceivedAt;

    /** How many more requests it should have open. */
    int toSend() {
        return Math.max(0, window.size() - ring.size());
    }

    boolean isEmpty() {
        return ring.size() == 0;
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
    int oldestPiece() {
        return ring.oldestPiece();
    }

    /** Where in its piece the oldest begins. */
    int oldestBegin() {
        return ring.oldestBegin();
    }

    /** The peer keeps no more than so many requests. */
    void limitTo(int requestQueue) {
        window.limitTo(requestQueue);
    }

    /** A block is asked for. */
    void sent(int piece, int begin, long now) {
        if (isEmpty()) {
            lastReceivedAt = now;
        }
        ring.add(piece, begin);
    }

    /** @return whether the block was owed; it is not any more */
    boolean cancel(int piece, int begin) {
        boolean wasOutstanding = ring.remove(piece, begin);
        late += wasOutstanding ? 1 : 0;
        return wasOutstanding;
    }

    /** Nothing that is owed is waited for any more. */
    void abandonAll() {
        late += ring.size();
        ring.clear();
    }

    /**
     * A block has come.
     *
     * @throws PeerWireException if it is one too many of those that nobody asked for
     */
    void received(int piece, int begin, long now) throws PeerWireException {
        boolean wasOutstanding = ring.remove(piece, begin);
        if (!wasOutstanding && late > 0) {
            late--;
        } else if (!wasOutstanding && ++unrequested > EngineLimits.UNREQUESTED_BLOCKS) {
            throw new PeerWireException("a flood of blocks that nobody asked for");
        }
        lastReceivedAt = now;
        isSnubbed = false;
        window.received();
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
        window.tick(bytesPerSecond);
        if (now - lastReceivedAt <= EngineLimits.SNUBBED.toNanos()) {
            return false;
        }
        isSnubbed = true;
        window.snubbed();
        abandonAll();
        return true;
    }
}
