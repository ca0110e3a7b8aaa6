package io.shoal.engine.peers;

import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;

/**
 * The blocks that were requested from one peer and have not been received, and how many more should be requested.
 *
 * <p>A block whose request was cancelled, or voided by a choke, may still arrive: as many late blocks are accepted. A
 * few other blocks without a request are tolerated; more count as a flood.
 */
final class OutstandingRequests {
    private final RequestRing ring = new RequestRing();
    private final RequestWindow window = new RequestWindow();
    private int late;
    private int unrequested;
    private boolean isSnubbed;

    /** When a block was received last, or the first request was sent. */
    private long lastReceivedAt;

    /** Returns how many more requests should be sent. */
    int toSend() {
        return Math.max(0, window.size() - ring.size());
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    /** Whether the peer has sent no requested block for long, and has neither sent one nor unchoked us since. */
    boolean isSnubbed() {
        return isSnubbed;
    }

    /** The peer accepts requests again. */
    void unchoked() {
        isSnubbed = false;
    }

    /** Returns the piece of the oldest request; there must be one. */
    int oldestPiece() {
        return ring.oldestPiece();
    }

    /** Returns the offset in its piece of the oldest request. */
    int oldestBegin() {
        return ring.oldestBegin();
    }

    /** The peer queues at most {@code requestQueue} requests. */
    void limitTo(int requestQueue) {
        window.limitTo(requestQueue);
    }

    /** A request was sent. */
    void sent(int piece, int begin, long now) {
        if (isEmpty()) {
            lastReceivedAt = now;
        }
        ring.add(piece, begin);
    }

    /** @return whether the request was outstanding; it is not any more */
    boolean cancel(int piece, int begin) {
        boolean wasOutstanding = ring.remove(piece, begin);
        late += wasOutstanding ? 1 : 0;
        return wasOutstanding;
    }

    /** No request is outstanding any more; the blocks may arrive late. */
    void abandonAll() {
        late += ring.size();
        ring.clear();
    }

    /**
     * A block was received.
     *
     * @throws PeerWireException if it is one too many of those without a request
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
     * Must be called about once a second.
     *
     * @return whether the peer has sent nothing for so long that its blocks must be requested from others
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
