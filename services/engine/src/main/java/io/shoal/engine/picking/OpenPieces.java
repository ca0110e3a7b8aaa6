package io.shoal.engine.picking;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that are begun and not verified, and who may take blocks of which.
 *
 * <p>A fast peer gets pieces of its own rather than share: fewer are open, and one that fails has one culprit; so has a piece
 * that failed before. Slow ones share. When every missing block that anybody has is asked for, the same may be asked of others:
 * the end game.
 *
 * <p>Invariant: {@code withFree} holds just the open pieces that have free blocks, each of which knows its place there, so that
 * it comes and goes in constant time. Whatever changes the blocks of a piece ends in {@link #updateFree}.
 */
final class OpenPieces {
    /** In the end game, requests that one peer may have open: it costs up to so many blocks of waste for each peer. */
    static final int END_GAME_DEPTH = 16;

    private final @Nullable OpenPiece[] byPiece;
    private final List<OpenPiece> open = new ArrayList<>();
    private final List<OpenPiece> withFree = new ArrayList<>();

    /** Pieces that failed and have not been right since. */
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

    /** Those that are open now; they may be closed meanwhile. */
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

    // ---- Who may take what

    /** The most wanted piece with free blocks that is this peer's to take, or any other's too if {@code shared}. */
    @Nullable
    OpenPiece findTakeable(PeerPieces peer, boolean fast, boolean shared, WantedPieces wanted, IntPredicate admitted) {
        OpenPiece best = null;
        for (int i = 0; i < withFree.size(); i++) {
            OpenPiece each = withFree.get(i);
            if (!peer.has(each.piece) || best != null && wanted.priority(each.piece) <= wanted.priority(best.piece)) {
                continue;
            }
            if (!admitted.test(each.piece)) {
                continue;
            }
            boolean own = each.owner == peer || !each.isBusy() || each.owner == null && !fast && !each.suspect;
            if (own || shared && !each.suspect) {
                best = each;
            }
        }
        return best;
    }

    /** Asks {@code peer} for free blocks of {@code piece}, until {@code into} has {@code want}. */
    void take(OpenPiece piece, PeerPieces peer, boolean fast, int want, BlockList into) {
        if (!piece.isBusy()) {
            piece.owner = fast || piece.suspect ? peer : null;
        }
        for (int block = piece.firstFree(); block >= 0 && into.size() < want; block = piece.firstFree()) {
            piece.request(block, peer);
            into.add(piece.piece, block);
        }
        updateFree(piece);
    }

    /** Whether each block that nobody is asked for is one that nobody has. */
    boolean isAllRequested(Availability availability) {
        for (int i = 0; i < withFree.size(); i++) {
            if (availability.isAvailable(withFree.get(i).piece)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Asks for what others were asked for: blocks with few askers first, of the longest open piece first. What a sibling was asked
     * for is on this machine, and is not asked for again.
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
     * Asks {@code peer} for blocks that outsiders have not begun to give: they need not give them then. Of a piece that is on its way
     * the rest would come before it can be cancelled.
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

    // ---- What becomes of it

    void receive(OpenPiece piece, int block, PeerPieces from, CancelListener listener) {
        piece.receive(block, from, listener);
        updateFree(piece);
    }

    /** @return whether {@code peer} was asked for this block; it is not any more */
    boolean withdraw(PeerPieces peer, int piece, int block) {
        OpenPiece target = byPiece[piece];
        if (target == null || !target.withdraw(block, peer)) {
            return false;
        }
        updateFree(target);
        return true;
    }

    /** Withdraws all that {@code peer} was asked for, and what it had alone is anybody's. */
    void withdrawAll(PeerPieces peer) {
        for (OpenPiece each : open) {
            if (each.owner == peer) {
                each.owner = null;
            }
            if (peer.requested > 0) {
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

    /** It must come from one peer alone when it is begun again. */
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
