package io.shoal.engine.picking;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which blocks to ask a peer for. In this order:
 *
 * <ol>
 *   <li>pieces of higher priority, whatever else;
 *   <li>pieces already begun, so that they are soon whole, verified and of use to others;
 *   <li>pieces of segments already begun, so that few segments are open at once and each is soon stored;
 *   <li>the rarest (BEP 3), equally rare ones at random; the very first few at random, because rare ones come slowly and we
 *       need something to give.
 * </ol>
 *
 * A fast peer gets pieces of its own and begins new ones rather than share: fewer are open, and one that fails has one culprit.
 * Slow ones share. When every missing block that anybody has is asked for, the same may be asked of others: the end game.
 * Whoever is then not needed is to be sent CANCEL ({@link Cancels}).
 *
 * <p>Each piece is at any time in one of these states, and {@code pickable} holds exactly those in the second:
 *
 * <pre>
 *   held or not wanted | pickable: wanted, not begun | open: blocks free, asked or received | open and complete: being verified
 * </pre>
 *
 * Everything is incremental: what a peer tells of a piece takes constant time; choosing looks at pieces that are begun and
 * have blocks to ask for, which are few, and at the buckets of {@link RarityBuckets}, never at all pieces or all peers.
 * Confined to the torrent's loop.
 */
public final class PiecePicker {
    /** Pieces that are chosen at random before rarity counts. */
    static final int RANDOM_FIRST = 4;

    /** In the end game, requests that one peer may have open: it costs up to so many blocks of waste for each peer. */
    static final int END_GAME_DEPTH = 16;

    /** The most that a piece can be wanted. */
    public static final int PRIORITY_MAX = 7;

    private final Geometry geometry;
    private final Pieces pieces;
    private final Room room;
    private final BitSet held;
    private final byte[] priority;
    private final Availability availability;
    private final RarityBuckets pickable;
    private final BitSet begunSegments = new BitSet();
    private final BitSet inBegunSegments = new BitSet();
    private final BitSet suspects = new BitSet();
    private final List<PeerPieces> peers = new ArrayList<>();

    private final @Nullable OpenPiece[] openByPiece;
    private final List<OpenPiece> open = new ArrayList<>();
    private final List<OpenPiece> withFree = new ArrayList<>();

    private boolean full;
    private int heldCount;
    private int missing;
    private long missingBytes;

    /**
     * @param geometry of the torrent
     * @param held pieces that are not needed because we have them; copied
     * @param wish how much each piece is wanted: 0 not at all, up to {@link #PRIORITY_MAX}
     * @param room asked before a piece is begun
     */
    public PiecePicker(Geometry geometry, BitSet held, IntUnaryOperator wish, Room room, RandomGenerator random) {
        this.geometry = geometry;
        this.pieces = geometry.pieces();
        this.room = room;
        this.held = (BitSet) held.clone();
        heldCount = held.cardinality();
        int count = pieces.count();
        priority = new byte[count];
        availability = new Availability(count);
        pickable = new RarityBuckets(count, random);
        openByPiece = new OpenPiece[count];
        for (int piece = 0; piece < count; piece++) {
            setPriority(piece, wish.applyAsInt(piece));
        }
    }

    // ---- What is wanted

    /** Pieces that are wanted and not verified. */
    public int missing() {
        return missing;
    }

    /** Bytes of the pieces that are wanted and not verified. */
    public long missingBytes() {
        return missingBytes;
    }

    /** Pieces that are begun and not verified. */
    public int openCount() {
        return open.size();
    }

    /** Whether {@code piece} is begun and not verified. */
    public boolean isOpen(int piece) {
        return openByPiece[piece] != null;
    }

    /** Copies of the rarest piece among the connected, in thousandths. */
    public int availability() {
        return availability.thousandths();
    }

    /**
     * Changes how much each piece is wanted. Those begun and not wanted any more are dropped, but for complete ones, which are
     * verified first.
     *
     * @return the dropped ones: their room is not needed
     */
    public BitSet prioritize(IntUnaryOperator wish, Cancels cancels) {
        for (int piece = 0; piece < priority.length; piece++) {
            int wanted = wish.applyAsInt(piece);
            if (wanted != priority[piece]) {
                setPriority(piece, wanted);
            }
        }
        BitSet dropped = new BitSet();
        for (OpenPiece each : List.copyOf(open)) {
            if (priority[each.piece] == 0 && !each.isComplete()) {
                drop(each.piece, cancels);
                dropped.set(each.piece);
            }
        }
        for (PeerPieces peer : peers) {
            countUseful(peer);
        }
        return dropped;
    }

    /** There may be room now for pieces that {@link Room} refused. */
    public void roomChanged() {
        full = false;
    }

    // ---- What peers have

    /** A peer has told what it has, or begun to. Hand over the result with all that concerns this peer. */
    public PeerPieces joined(BitSet has) {
        if (has.length() > pieces.count()) {
            throw new IndexOutOfBoundsException("piece " + (has.length() - 1) + " of " + pieces.count());
        }
        PeerPieces peer = new PeerPieces(pieces.count(), has);
        peers.add(peer);
        if (peer.cameAsSeed()) {
            availability.addSeed();
        } else {
            for (int piece = has.nextSetBit(0); piece >= 0; piece = has.nextSetBit(piece + 1)) {
                availability.add(piece);
                refile(piece);
            }
        }
        countUseful(peer);
        return peer;
    }

    /** The peer has one more piece (HAVE). */
    public void has(PeerPieces peer, int piece) {
        if (peer.add(piece)) {
            availability.add(piece);
            refile(piece);
            if (isNeeded(piece)) {
                peer.useful++;
            }
        }
    }

    /** The peer is gone; what it was asked for is free again. */
    public void left(PeerPieces peer) {
        releaseAll(peer);
        peers.remove(peer);
        if (peer.cameAsSeed()) {
            availability.removeSeed();
            return;
        }
        for (int piece = 0; piece < priority.length; piece++) {
            if (peer.has(piece)) {
                availability.remove(piece);
                refile(piece);
            }
        }
    }

    // ---- Choosing

    /**
     * Chooses up to {@code count} blocks to ask {@code peer} for now, and notes that it is asked for them.
     *
     * @param fast whether it would give a whole piece in some seconds
     * @param into is emptied, then filled
     * @return how many were chosen
     */
    public int pick(PeerPieces peer, int count, boolean fast, Picks into) {
        into.clear();
        int want = Math.min(count, into.capacity());
        if (peer.useful == 0) {
            return 0;
        }
        while (into.size() < want) {
            OpenPiece piece = next(peer, fast);
            if (piece == null) {
                break;
            }
            if (!piece.isBusy()) {
                piece.owner = fast || piece.suspect ? peer : null;
            }
            for (int block = piece.firstFree(); block >= 0 && into.size() < want; block = piece.firstFree()) {
                piece.ask(block, peer);
                into.add(piece.piece, block);
            }
            fileFree(piece);
        }
        if (into.size() < want && isEndGame()) {
            pickAgain(peer, want, into);
        }
        return into.size();
    }

    /** A piece with free blocks for {@code peer}: begun, or begun now; null if there is none. */
    private @Nullable OpenPiece next(PeerPieces peer, boolean fast) {
        OpenPiece own = begun(peer, fast, false);
        OpenPiece shared = begun(peer, fast, true);
        if (shared == null) {
            int fresh = fresh(peer, 1);
            return fresh < 0 ? null : open(fresh);
        }
        // Its own goes before a new one, and that before another's; but priority goes before all.
        boolean hasOwn = own != null && priority[own.piece] == priority[shared.piece];
        int fresh = fresh(peer, priority[shared.piece] + (hasOwn ? 1 : 0));
        return fresh >= 0 ? open(fresh) : hasOwn ? own : shared;
    }

    /** The best piece with free blocks that is this peer's to take, or any other's too if {@code shared}. */
    private @Nullable OpenPiece begun(PeerPieces peer, boolean fast, boolean shared) {
        OpenPiece best = null;
        for (int i = 0; i < withFree.size(); i++) {
            OpenPiece each = withFree.get(i);
            if (!peer.has(each.piece) || best != null && priority[each.piece] <= priority[best.piece]) {
                continue;
            }
            boolean own = each.owner == peer || !each.isBusy() || each.owner == null && !fast && !each.suspect;
            if (own || shared && !each.suspect) {
                best = each;
            }
        }
        return best;
    }

    /** A piece to begin, of at least this priority, for which there is room; -1 if there is none. */
    private int fresh(PeerPieces peer, int minPriority) {
        if (minPriority > PRIORITY_MAX) {
            return -1;
        }
        int minTier = minPriority << 1;
        if (!full) {
            IntPredicate all = piece -> true;
            int piece =
                    heldCount < RANDOM_FIRST ? pickable.any(peer, minTier, all) : pickable.first(peer, minTier, all);
            if (piece < 0 || room.open(piece)) {
                return piece;
            }
            full = true;
        }
        int piece = pickable.first(peer, minTier, this::fits);
        return piece >= 0 && room.open(piece) ? piece : -1;
    }

    private boolean fits(int piece) {
        return inBegunSegments.get(piece) && room.hasRoom(piece);
    }

    private OpenPiece open(int piece) {
        pickable.remove(piece);
        OpenPiece opened = new OpenPiece(piece, pieces.blocks(piece), suspects.get(piece));
        openByPiece[piece] = opened;
        open.add(opened);
        fileFree(opened);
        SegmentRange segments = geometry.segmentsOfPiece(piece);
        for (int segment = segments.from(); segment < segments.to(); segment++) {
            if (!begunSegments.get(segment)) {
                begunSegments.set(segment);
                PieceRange range = geometry.piecesOf(new SegmentIndex(segment));
                inBegunSegments.set(range.from(), range.to());
                for (int each = range.from(); each < range.to(); each++) {
                    refile(each);
                }
            }
        }
        return opened;
    }

    // ---- End game

    /** Whether every missing block that anybody has is asked for or here. */
    private boolean isEndGame() {
        if (pickable.size() > (availability.seeds() > 0 ? 0 : pickable.sizeOf(0))) {
            return false;
        }
        for (OpenPiece each : withFree) {
            if (availability.any(each.piece)) {
                return false;
            }
        }
        return true;
    }

    /** Asks for what others were asked for: blocks with few askers first, of the longest open piece first. */
    private void pickAgain(PeerPieces peer, int want, Picks into) {
        for (int askers = 1; askers < OpenPiece.ASKED_MAX; askers++) {
            for (OpenPiece each : open) {
                if (each.suspect || !peer.has(each.piece)) {
                    continue;
                }
                for (int b = each.nextMissing(0); b < each.blocks; b = each.nextMissing(b + 1)) {
                    if (into.size() == want || peer.asked >= END_GAME_DEPTH) {
                        return;
                    }
                    if (each.askedCount(b) == askers && !each.isAsked(b, peer)) {
                        each.ask(b, peer);
                        into.add(each.piece, b);
                    }
                }
            }
        }
    }

    // ---- What becomes of requests

    /** What a block that has come is worth. */
    public enum Receipt {
        /** Nothing: it is here already, or its piece is not being downloaded. */
        UNWANTED,
        /** It was missing. */
        KEPT,
        /** It was the last one missing: the piece is to be verified. */
        COMPLETED
    }

    /**
     * A block has come, asked for or not. It settles every request for it.
     *
     * @param block must exist in {@code piece}
     * @param cancels told of the others that were asked for it
     */
    public Receipt received(PeerPieces from, int piece, int block, Cancels cancels) {
        OpenPiece open = openByPiece[piece];
        if (open == null || open.isReceived(block)) {
            return Receipt.UNWANTED;
        }
        open.receive(block, from, cancels);
        fileFree(open);
        return open.isComplete() ? Receipt.COMPLETED : Receipt.KEPT;
    }

    /**
     * The peer will not send this block: it rejected it, took too long, or was sent CANCEL.
     *
     * @return whether it was asked for it
     */
    public boolean release(PeerPieces peer, int piece, int block) {
        OpenPiece open = openByPiece[piece];
        if (open == null || !open.withdraw(block, peer)) {
            return false;
        }
        fileFree(open);
        return true;
    }

    /** The peer will send nothing that it was asked for: it choked us, or is too slow to be waited for. */
    public void releaseAll(PeerPieces peer) {
        for (OpenPiece each : open) {
            if (each.owner == peer) {
                each.owner = null;
            }
            if (peer.asked > 0) {
                each.withdrawAll(peer);
                fileFree(each);
            }
        }
    }

    /** The complete piece is right. */
    public void verified(int piece) {
        close(piece);
        suspects.clear(piece);
        held.set(piece);
        heldCount++;
        if (priority[piece] > 0) {
            need(piece, -1);
        }
    }

    /** The complete piece is wrong: it is downloaded again, from one peer alone. */
    public void failed(int piece) {
        close(piece);
        suspects.set(piece);
        refile(piece);
    }

    /** Gives up {@code piece}, which is open, and what has come of it; it may be begun again. */
    public void drop(int piece, Cancels cancels) {
        OpenPiece dropped = openByPiece[piece];
        if (dropped == null) {
            throw new IllegalStateException("piece " + piece + " is not open");
        }
        dropped.cancelAll(cancels);
        close(piece);
        refile(piece);
    }

    /** Pieces that were held are so no more: they are needed again if they are wanted. */
    public void lost(BitSet lost) {
        for (int piece = lost.nextSetBit(0); piece >= 0; piece = lost.nextSetBit(piece + 1)) {
            if (held.get(piece)) {
                held.clear(piece);
                heldCount--;
                if (priority[piece] > 0) {
                    need(piece, 1);
                }
                refile(piece);
            }
        }
    }

    // ---- Keeping the books

    private boolean isNeeded(int piece) {
        return priority[piece] > 0 && !held.get(piece);
    }

    private void setPriority(int piece, int wanted) {
        if (wanted < 0 || wanted > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority " + wanted + " of piece " + piece);
        }
        int change = (isNeeded(piece) ? -1 : 0) + (wanted > 0 && !held.get(piece) ? 1 : 0);
        missing += change;
        missingBytes += (long) change * pieces.length(piece);
        priority[piece] = (byte) wanted;
        refile(piece);
    }

    /** One piece is needed more, or one less. */
    private void need(int piece, int change) {
        missing += change;
        missingBytes += (long) change * pieces.length(piece);
        for (PeerPieces peer : peers) {
            if (peer.has(piece)) {
                peer.useful += change;
            }
        }
    }

    private void countUseful(PeerPieces peer) {
        int useful = 0;
        for (int piece = 0; piece < priority.length; piece++) {
            if (isNeeded(piece) && peer.has(piece)) {
                useful++;
            }
        }
        peer.useful = useful;
    }

    /** Puts {@code piece} into the bucket where it belongs, or into none. */
    private void refile(int piece) {
        if (isNeeded(piece) && openByPiece[piece] == null) {
            int tier = priority[piece] << 1 | (inBegunSegments.get(piece) ? 1 : 0);
            pickable.put(piece, tier, availability.of(piece));
        } else {
            pickable.remove(piece);
        }
    }

    /** Keeps {@code withFree} to the open pieces that have free blocks. */
    private void fileFree(OpenPiece piece) {
        if (piece.hasFree() == piece.place >= 0) {
            return;
        }
        if (piece.hasFree()) {
            piece.place = withFree.size();
            withFree.add(piece);
        } else {
            unfile(piece);
        }
    }

    private void unfile(OpenPiece piece) {
        OpenPiece last = withFree.removeLast();
        if (last != piece) {
            withFree.set(piece.place, last);
            last.place = piece.place;
        }
        piece.place = -1;
    }

    private void close(int piece) {
        OpenPiece closed = openByPiece[piece];
        if (closed == null) {
            throw new IllegalStateException("piece " + piece + " is not open");
        }
        openByPiece[piece] = null;
        open.remove(closed);
        if (closed.place >= 0) {
            unfile(closed);
        }
    }
}
