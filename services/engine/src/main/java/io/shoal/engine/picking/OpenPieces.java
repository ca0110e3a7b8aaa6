package io.shoal.engine.picking;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that are being downloaded, and which peer may take which of their blocks.
 *
 * <p>A fast peer gets pieces of its own and does not share: fewer pieces are open, and if one fails a single peer is
 * responsible. A piece that failed before also gets a single peer. Slow peers share. When every missing block that any
 * peer has is requested, blocks are requested from a second peer: the end game.
 *
 * <p>Invariant: {@code withFree} holds exactly the open pieces that have free blocks, each of which knows its index
 * there, so that it is added and removed in constant time. Every change of a piece's blocks ends in
 * {@link #updateFree}.
 */
final class OpenPieces {
    /** Outstanding requests to one peer in the end game: this bounds the duplicate blocks of each peer. */
    static final int END_GAME_DEPTH = 16;

    /** Blocks that {@link #takeBusy} looks at. */
    private static final int LOOKS = 256;

    /** Reviews after which the owner of a suspect piece is judged, at one a second: rates are averages. */
    static final int REVIEWS = 10;

    private final @Nullable OpenPiece[] byPiece;
    private final List<OpenPiece> open = new ArrayList<>();
    private final List<OpenPiece> withFree = new ArrayList<>();

    /** Pieces that failed and have not been verified since. */
    private final BitSet suspects = new BitSet();

    OpenPieces(int pieces) {
        byPiece = new OpenPiece[pieces];
    }

    int count() {
        return open.size();
    }

    boolean contains(int piece) {
        return byPiece[piece] != null;
    }

    /** Null if it is not open. */
    @Nullable
    OpenPiece get(int piece) {
        return byPiece[piece];
    }

    /** Returns the open pieces; they may be closed during an iteration. */
    List<OpenPiece> all() {
        return List.copyOf(open);
    }

    OpenPiece begin(int piece, int blocks) {
        OpenPiece started = new OpenPiece(piece, blocks, suspects.get(piece));
        byPiece[piece] = started;
        open.add(started);
        updateFree(started);
        return started;
    }

    // ---- Which peer may take what

    /**
     * Returns the most wanted piece with free blocks that this peer may take; including pieces of other peers if
     * {@code shared}.
     */
    @Nullable
    OpenPiece findTakeable(PeerPieces peer, boolean fast, boolean shared, WantedPieces wanted, IntPredicate admitted) {
        OpenPiece best = null;
        for (int i = 0; i < withFree.size(); i++) {
            OpenPiece each = withFree.get(i);
            if (!peer.has(each.piece) || best != null && wanted.priority(each.piece) <= wanted.priority(best.piece)) {
                continue;
            }
            if (mayTake(each, peer, fast, shared) && admitted.test(each.piece)) {
                best = each;
            }
        }
        return best;
    }

    private static boolean mayTake(OpenPiece piece, PeerPieces peer, boolean fast, boolean shared) {
        if (piece.hasLate() && piece.nextFree(0, peer) < 0) {
            return false; // the peer is late with all that is free
        }
        if (piece.owner == peer || !piece.isBusy()) {
            return piece.slowOwner != peer;
        }
        // A late block holds its piece up: any peer may help.
        return !piece.suspect && (shared || piece.hasLate() || piece.owner == null && !fast);
    }

    /** Requests free blocks of {@code piece} from {@code peer}, until {@code into} has {@code want}. */
    void take(OpenPiece piece, PeerPieces peer, boolean fast, int want, BlockList into) {
        if (!piece.isBusy()) {
            PeerPieces owner = fast || piece.suspect ? peer : null;
            piece.reviews = piece.owner == owner ? piece.reviews : 0;
            piece.owner = owner;
        }
        for (int block = piece.nextFree(0, peer);
                block >= 0 && into.size() < want;
                block = piece.nextFree(block + 1, peer)) {
            piece.request(block, peer);
            into.add(piece.piece, block);
        }
        updateFree(piece);
    }

    /** Whether {@code peer}, which is fast, may take {@code piece} for itself. */
    boolean mayTakeOwn(OpenPiece piece, PeerPieces peer) {
        return piece.hasFree() && peer.has(piece.piece) && mayTake(piece, peer, true, false);
    }

    /**
     * Requests from {@code peer}, which is fast, the first free blocks of {@code piece} that follow one another, until {@code into} has {@code
     * want}.
     *
     * @return whether they end with the piece
     */
    boolean takeRun(OpenPiece piece, PeerPieces peer, int want, BlockList into) {
        if (!piece.isBusy()) {
            piece.reviews = piece.owner == peer ? piece.reviews : 0;
            piece.owner = peer;
        }
        int block = piece.nextFree(0, peer);
        int next = block;
        while (block >= 0 && block == next && into.size() < want) {
            piece.request(block, peer);
            into.add(piece.piece, block);
            next = block + 1;
            block = piece.nextFree(next, peer);
        }
        updateFree(piece);
        return next == piece.blocks;
    }

    /** Whether every block that is requested from no peer, not even a late one, is one that no peer has. */
    boolean isAllRequested(Availability availability) {
        for (int i = 0; i < withFree.size(); i++) {
            OpenPiece each = withFree.get(i);
            if (each.hasUnrequested() && availability.isAvailable(each.piece)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Requests blocks that are requested from other peers: those with the fewest requests first, of the piece that has
     * been open longest. A block requested from a sibling is on this machine, and is not requested again.
     */
    void takeEndGame(PeerPieces peer, int want, BlockList into) {
        for (int requests = 1; requests < OpenPiece.REQUESTS_MAX; requests++) {
            for (int i = 0; i < open.size(); i++) {
                OpenPiece each = open.get(i);
                if (each.suspect || !peer.has(each.piece)) {
                    continue;
                }
                for (int b = each.nextMissing(0); b < each.blocks; b = each.nextMissing(b + 1)) {
                    if (into.size() == want || peer.requested >= END_GAME_DEPTH) {
                        return;
                    }
                    if (each.requestCount(b) == requests
                            && !each.isRequestedFrom(b, peer)
                            && !each.isRequestedFromSibling(b)) {
                        each.request(b, peer);
                        into.add(each.piece, b);
                    }
                }
            }
        }
    }

    /**
     * Requests one block that is requested from one other peer, of the piece that has been open longest. Looks at few
     * blocks, because it is called for every idle peer while the store is full.
     */
    void takeBusy(PeerPieces peer, BlockList into) {
        int looks = LOOKS;
        for (int i = 0; i < open.size() && looks > 0; i++) {
            OpenPiece each = open.get(i);
            looks--;
            if (each.suspect || !peer.has(each.piece)) {
                continue;
            }
            for (int b = each.nextMissing(0); b < each.blocks && looks > 0; b = each.nextMissing(b + 1)) {
                looks--;
                if (each.requestCount(b) == 1 && !each.isRequestedFrom(b, peer) && !each.isRequestedFromSibling(b)) {
                    each.request(b, peer);
                    updateFree(each);
                    into.add(each.piece, b);
                    return;
                }
            }
        }
    }

    /**
     * Requests from {@code peer} blocks of pieces of which outsiders have delivered nothing, so that they need not
     * deliver them. The rest of a piece that is being delivered would arrive before a CANCEL.
     */
    void takeOver(PeerPieces peer, int want, BlockList into, CancelListener listener) {
        for (OpenPiece each : List.copyOf(open)) {
            if (each.suspect || !peer.has(each.piece)) {
                continue;
            }
            for (int block = 0; block < each.blocks && into.size() < want; block++) {
                if (each.isAwaitedFromOutsiders(block)) {
                    each.takeOver(block, peer, listener);
                    into.add(each.piece, block);
                }
            }
        }
    }

    // ---- State changes

    void receive(OpenPiece piece, int block, PeerPieces from, CancelListener listener) {
        piece.receive(block, from, listener);
        updateFree(piece);
    }

    /** @return whether this block was requested from {@code peer}; it is not any more */
    boolean withdraw(PeerPieces peer, int piece, int block) {
        OpenPiece target = byPiece[piece];
        if (target == null || !target.withdraw(block, peer)) {
            return false;
        }
        updateFree(target);
        return true;
    }

    /**
     * The request of this block to {@code peer} is late. If the piece must come from one peer alone, another must take
     * over all of it.
     */
    void late(PeerPieces peer, int piece, int block) {
        OpenPiece target = byPiece[piece];
        if (target == null || !target.isRequestedFrom(block, peer)) {
            return;
        }
        target.late(block, peer);
        if (target.suspect) {
            target.lateAll(peer);
            target.owner = null;
        }
        updateFree(target);
    }

    /** See {@link PiecePicker#reviewOwners}. */
    void reviewOwners(PiecePicker.OwnerReview review) {
        if (suspects.isEmpty()) {
            return;
        }
        for (OpenPiece each : open) {
            PeerPieces owner = each.owner;
            if (!each.suspect || each.isComplete()) {
                continue;
            }
            if (owner == null || !each.isBusy()) {
                each.slowOwner = null; // no other has taken it
            } else if (++each.reviews >= REVIEWS && review.isTooSlow(owner, each.piece)) {
                each.lateAll(owner);
                each.owner = null;
                each.slowOwner = owner;
                updateFree(each);
            }
        }
    }

    /** Withdraws all requests to {@code peer}; any peer may take the pieces that it had for itself. */
    void withdrawAll(PeerPieces peer) {
        for (OpenPiece each : open) {
            if (each.owner == peer) {
                each.owner = null;
            }
            if (peer.requested + peer.late > 0) {
                each.withdrawAll(peer);
                updateFree(each);
            }
        }
    }

    /** Calls {@code then} for each open piece without an outstanding request. */
    void forEachIdle(IntConsumer then) {
        for (OpenPiece each : withFree) {
            if (!each.isBusy()) {
                then.accept(each.piece);
            }
        }
    }

    void verified(int piece) {
        close(piece);
        suspects.clear(piece);
    }

    /** The piece must come from one peer alone when it is downloaded again. */
    void failed(int piece) {
        close(piece);
        suspects.set(piece);
    }

    void drop(int piece, CancelListener listener) {
        opened(piece).cancelAll(listener);
        close(piece);
    }

    private void close(int piece) {
        OpenPiece closed = opened(piece);
        byPiece[piece] = null;
        open.remove(closed);
        if (closed.place >= 0) {
            removeFree(closed);
        }
    }

    private OpenPiece opened(int piece) {
        OpenPiece opened = byPiece[piece];
        if (opened == null) {
            throw new IllegalStateException("piece " + piece + " is not open");
        }
        return opened;
    }

    private void updateFree(OpenPiece piece) {
        if (piece.hasFree() == piece.place >= 0) {
            return;
        }
        if (piece.hasFree()) {
            piece.place = withFree.size();
            withFree.add(piece);
        } else {
            removeFree(piece);
        }
    }

    private void removeFree(OpenPiece piece) {
        OpenPiece last = withFree.removeLast();
        if (last != piece) {
            withFree.set(piece.place, last);
            last.place = piece.place;
        }
        piece.place = -1;
    }
}
