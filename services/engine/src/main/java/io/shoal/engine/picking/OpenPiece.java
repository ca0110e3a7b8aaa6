package io.shoal.engine.picking;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A piece that is being downloaded: the state of each of its blocks.
 *
 * <p>A request may be late: its peer may still send the block, but others may take it first.
 *
 * <p>Invariant: a block is free (not requested, or from late peers only), requested (from one to {@link #REQUESTS_MAX}
 * peers), or received. {@code requests} and {@link PeerPieces#requested} count the requests that are not late.
 */
final class OpenPiece {
    /** Peers from which one block may be requested at once; more would mostly be waste. */
    static final int REQUESTS_MAX = 3;

    /** Of most pieces no request is ever late. Never changed. */
    private static final BitSet NONE_LATE = new BitSet(0);

    final int piece;
    final int blocks;

    /** Whether it failed before, so that it should come from one peer alone: that proves which peer lies. */
    final boolean suspect;

    /** The only peer that may deliver it; null if any may. */
    @Nullable
    PeerPieces owner;

    /** Reviews since it has this owner; counted for a suspect piece only. */
    int reviews;

    /** The last owner of a suspect piece, if it was too slow: it must not take the piece back before others. */
    @Nullable
    PeerPieces slowOwner;

    /** Its index among the pieces with free blocks; -1 when it has none. */
    int place = -1;

    private final BitSet free;
    private final BitSet received;
    private final @Nullable PeerPieces[] requested;

    /** The indices in {@code requested} of late requests. */
    private BitSet lateAt = NONE_LATE;

    private int lateRequests;

    private int freeCount;
    private int receivedCount;
    private int requests;

    OpenPiece(int piece, int blocks, boolean suspect) {
        this.piece = piece;
        this.blocks = blocks;
        this.suspect = suspect;
        free = new BitSet(blocks);
        free.set(0, blocks);
        received = new BitSet(blocks);
        requested = new PeerPieces[blocks * REQUESTS_MAX];
        freeCount = blocks;
    }

    boolean hasFree() {
        return freeCount > 0;
    }

    /** Returns the first free block from {@code from} on that {@code peer} is not late with; -1 if there is none. */
    int nextFree(int from, PeerPieces peer) {
        int block = free.nextSetBit(from);
        while (hasLate() && block >= 0 && isRequestedFrom(block, peer)) {
            block = free.nextSetBit(block + 1);
        }
        return block;
    }

    /** Whether a block is requested from no peer, not even a late one. */
    boolean hasUnrequested() {
        if (!hasLate()) {
            return hasFree();
        }
        for (int block = free.nextSetBit(0); block >= 0; block = free.nextSetBit(block + 1)) {
            if (requestCount(block) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether any request is late. */
    boolean hasLate() {
        return lateRequests > 0;
    }

    /**
     * Returns the first block from {@code from} on that has not been received; {@link #blocks} or more if there is
     * none.
     */
    int nextMissing(int from) {
        return received.nextClearBit(from);
    }

    boolean isReceived(int block) {
        return received.get(block);
    }

    boolean isComplete() {
        return receivedCount == blocks;
    }

    /** Whether any of its blocks is requested from a peer that is not late with it. */
    boolean isBusy() {
        return requests > 0;
    }

    /** Returns from how many peers {@code block} is requested, late ones included. */
    int requestCount(int block) {
        int count = 0;
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            count += requested[i] == null ? 0 : 1;
        }
        return count;
    }

    boolean isRequestedFrom(int block, PeerPieces peer) {
        return indexOf(block, peer) >= 0;
    }

    /** Whether {@code block} is requested from another torrent of this engine. */
    boolean isRequestedFromSibling(int block) {
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            PeerPieces peer = requested[i];
            if (peer != null && peer.isSibling()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Requests {@code block}, which is free or requested from fewer than {@link #REQUESTS_MAX} peers, from
     * {@code peer}. Late requests are forgotten if there are too many.
     */
    void request(int block, PeerPieces peer) {
        int at = indexOf(block, null);
        if (at < 0) {
            at = block * REQUESTS_MAX;
            for (int i = at; i < at + REQUESTS_MAX; i++) {
                clear(i);
            }
        }
        requested[at] = peer;
        peer.requested++;
        requests++;
        if (free.get(block)) {
            free.clear(block);
            freeCount--;
        }
    }

    /** @return whether {@code block} was requested from {@code peer}; it is not any more */
    boolean withdraw(int block, PeerPieces peer) {
        int at = indexOf(block, peer);
        if (at < 0) {
            return false;
        }
        clear(at);
        freeIfUnclaimed(block);
        return true;
    }

    /** The request of {@code block} to {@code peer} is late, if there is one. */
    void late(int block, PeerPieces peer) {
        int at = indexOf(block, peer);
        if (at >= 0 && !lateAt.get(at)) {
            if (lateAt.size() == 0) {
                lateAt = new BitSet(requested.length);
            }
            lateAt.set(at);
            lateRequests++;
            peer.requested--;
            peer.late++;
            requests--;
            freeIfUnclaimed(block);
        }
    }

    /** All requests to {@code peer} are late. */
    void lateAll(PeerPieces peer) {
        for (int block = nextMissing(0); block < blocks && peer.requested > 0; block = nextMissing(block + 1)) {
            late(block, peer);
        }
    }

    private void freeIfUnclaimed(int block) {
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            if (requested[i] != null && !(hasLate() && lateAt.get(i))) {
                return;
            }
        }
        if (!free.get(block) && !received.get(block)) {
            free.set(block);
            freeCount++;
        }
    }

    /** Forgets one request. */
    private void clear(int at) {
        PeerPieces peer = requested[at];
        requested[at] = null;
        if (peer == null) {
            return;
        }
        if (hasLate() && lateAt.get(at)) {
            lateAt.clear(at);
            lateRequests--;
            peer.late--;
        } else {
            peer.requested--;
            requests--;
        }
    }

    /** Withdraws all requests to {@code peer}. */
    void withdrawAll(PeerPieces peer) {
        for (int block = nextMissing(0);
                block < blocks && peer.requested + peer.late > 0;
                block = nextMissing(block + 1)) {
            withdraw(block, peer);
        }
    }

    /** Whether no block has been received, and {@code block} is requested from outsiders only. */
    boolean isAwaitedFromOutsiders(int block) {
        if (receivedCount > 0 || free.get(block)) {
            return false;
        }
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            PeerPieces peer = requested[i];
            if (peer != null && peer.isFleet()) {
                return false;
            }
        }
        return true;
    }

    /** Requests {@code block} from {@code peer} in place of all other peers. */
    void takeOver(int block, PeerPieces peer, CancelListener listener) {
        cancel(block, null, listener);
        request(block, peer);
    }

    /** The block was received: requests to other peers are cancelled. */
    void receive(int block, PeerPieces from, CancelListener listener) {
        received.set(block);
        receivedCount++;
        if (free.get(block)) {
            free.clear(block);
            freeCount--;
        }
        cancel(block, from, listener);
    }

    /** Withdraws every request. */
    void cancelAll(CancelListener listener) {
        for (int block = nextMissing(0); block < blocks; block = nextMissing(block + 1)) {
            cancel(block, null, listener);
        }
    }

    private void cancel(int block, @Nullable PeerPieces except, CancelListener listener) {
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            PeerPieces peer = requested[i];
            if (peer != null) {
                clear(i);
                if (peer != except) {
                    listener.cancel(peer, piece, block);
                }
            }
        }
    }

    private int indexOf(int block, @Nullable PeerPieces peer) {
        for (int i = block * REQUESTS_MAX; i < (block + 1) * REQUESTS_MAX; i++) {
            if (requested[i] == peer) {
                return i;
            }
        }
        return -1;
    }
}
