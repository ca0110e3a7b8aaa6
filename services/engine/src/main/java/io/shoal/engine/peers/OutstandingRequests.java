package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;

/**
 * The blocks that were requested from one peer and have not been received, and how many more should be requested.
 *
 * <p>Each request has its own time-out. It is <em>late</em> when the peer has answered many that were sent after it, as
 * it does after dropping a request silently, or when it takes several times longer than the peer's answers do. A late
 * request no longer counts in the window, other peers should be asked for its block first, and the peer may still
 * answer it; after a while it is dropped. A peer that answers nothing for {@link EngineLimits#SNUBBED} is snubbed: all
 * its requests are late.
 *
 * <p>A block whose request was cancelled or dropped, or voided by a choke, may still arrive: as many late blocks are
 * accepted. A few other blocks without a request are tolerated; more count as a flood.
 *
 * <p>All times are those of the connection's {@link ReadingClock}.
 */
final class OutstandingRequests {
    /** The weight of the last answer in {@link #answerNanos}. */
    private static final int SMOOTHING = 4;

    private final RequestRing ring = new RequestRing();
    private final RequestWindow window = new RequestWindow();
    private int voided;
    private int unrequested;
    private boolean isSnubbed;
    private boolean isLocal;

    /** Whether a block was received since the peer unchoked us. */
    private boolean hasAnswered;

    /** How often the peer was snubbed, or choked us at once instead of answering, since the last block. */
    private int snubs;

    /** When a block was received last, or the first request was sent. */
    private long lastReceivedAt;

    /** From a request to its answer, on average: the time in the peer's queue; 0 before the first answer. */
    private long answerNanos;

    /** Returns how many more requests should be sent. */
    int toSend() {
        return Math.max(0, window.size() - ring.onTime());
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    /** Whether the peer has sent no requested block for long, and has neither sent one nor unchoked us since. */
    boolean isSnubbed() {
        return isSnubbed;
    }

    /** Whether the peer was asked again and again, and has sent nothing. */
    boolean isHopeless() {
        return snubs >= EngineLimits.SNUBS;
    }

    /** The peer is in this process: a request that it does not answer at once waits for a limit of its own. */
    void setLocal() {
        isLocal = true;
    }

    /** The peer accepts requests again. */
    void unchoked() {
        isSnubbed = false;
        hasAnswered = false;
    }

    /**
     * The peer chokes us: no request is outstanding any more; the blocks may arrive late. If it has answered none since
     * it unchoked us, one request follows the next unchoke, and if it has hardly had the time to answer, it counts as
     * snubbed once more: otherwise a peer could cause a flood of requests with chokes and unchokes alone.
     */
    void choked(long now) {
        if (ring.onTime() > 0 && !hasAnswered) {
            snubs += now - ring.time(ring.late()) < EngineLimits.CHOKE_ROUND.toNanos() ? 1 : 0;
            window.snubbed();
        }
        voided += ring.size();
        ring.clear();
    }

    /** Returns the piece of the oldest request; there must be one. */
    int oldestPiece() {
        return ring.piece(0);
    }

    /** Returns the offset in its piece of the oldest request. */
    int oldestBegin() {
        return ring.begin(0);
    }

    /** The peer queues at most {@code requestQueue} requests. */
    void limitTo(int requestQueue) {
        window.limitTo(requestQueue);
    }

    /** A request was sent. */
    void sent(int piece, int begin, long now) {
        if (ring.onTime() == 0) {
            lastReceivedAt = now;
        }
        ring.add(piece, begin, now);
    }

    /** @return whether the request was outstanding; it is not any more */
    boolean cancel(int piece, int begin) {
        int at = ring.find(piece, begin);
        if (at < 0) {
            return false;
        }
        ring.remove(at);
        voided++;
        return true;
    }

    /**
     * A block was received.
     *
     * @throws PeerWireException if it is one too many of those without a request
     */
    void received(int piece, int begin, long now) throws PeerWireException {
        int at = ring.find(piece, begin);
        if (at >= 0) {
            if (at >= ring.late()) {
                long nanos = now - ring.time(at);
                answerNanos = answerNanos == 0 ? nanos : answerNanos + (nanos - answerNanos) / SMOOTHING;
            }
            ring.answered(at);
        } else if (voided > 0) {
            voided--;
        } else if (++unrequested > EngineLimits.UNREQUESTED_BLOCKS) {
            throw new PeerWireException("a flood of blocks that were not requested");
        }
        lastReceivedAt = now;
        isSnubbed = false;
        hasAnswered = true;
        snubs = 0;
        window.received();
    }

    /**
     * Must be called about once a second, but not while the connection is not read.
     *
     * @param down the peer's payload
     * @param listener notified of requests that are late or dropped
     */
    void tick(long now, RateMeter down, PeerListener listener) {
        dropExpired(now, listener);
        if (ring.onTime() == 0) {
            return;
        }
        window.tick(down.lastSecond(), down.perSecond());
        boolean silent = now - lastReceivedAt > EngineLimits.SNUBBED.toNanos();
        if (silent) {
            isSnubbed = true;
            snubs++;
            window.snubbed();
        }
        while (ring.onTime() > 0 && (silent || isOverdue(now))) {
            int oldest = ring.late();
            ring.makeLate(now);
            listener.requestLate(ring.piece(oldest), ring.begin(oldest) / Pieces.BLOCK);
        }
    }

    /** Whether the oldest request that is not late yet is late now. */
    private boolean isOverdue(long now) {
        int oldest = ring.late();
        if (ring.overtaken(oldest) > Math.max(window.size(), EngineLimits.OVERTAKEN_REQUESTS)) {
            return true;
        }
        if (isLocal) {
            return now - ring.time(oldest) > EngineLimits.LOCAL_REQUEST_TIMEOUT.toNanos();
        }
        long patience =
                Math.max(EngineLimits.REQUEST_TIMEOUT.toNanos(), EngineLimits.REQUEST_QUEUE_TIMES * answerNanos);
        return answerNanos > 0 && now - ring.time(oldest) > patience;
    }

    private void dropExpired(long now, PeerListener listener) {
        while (ring.late() > 0 && now - ring.time(0) > EngineLimits.LATE_REQUEST.toNanos()) {
            int piece = ring.piece(0);
            int begin = ring.begin(0);
            cancel(piece, begin);
            listener.requestDropped(piece, begin / Pieces.BLOCK);
        }
    }
}
