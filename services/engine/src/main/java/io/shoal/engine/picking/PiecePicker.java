package io.shoal.engine.picking;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which blocks to request from a peer. In this order:
 *
 * <ol>
 *   <li>pieces of higher priority, before everything else;
 *   <li>open pieces, so that they are soon complete, verified and useful to others;
 *   <li>pieces of segments already started, so that few segments are open at once and each is soon stored;
 *   <li>the rarest (BEP 3), equally rare ones at random; the very first few at random, because rare ones arrive slowly
 *       and this torrent needs something to upload.
 * </ol>
 *
 * {@link OpenPieces} decides which peers share an open piece, and about the end game, in which a block is requested from
 * several peers. While the store has no room for another piece, a peer that would be idle is asked for one block that
 * another has not delivered, so that a slow peer does not keep its room from others. Requests that are then not needed are cancelled ({@link CancelListener}).
 *
 * <p>Each piece is at any time in one of these states, and {@link NewPieces} chooses among those in the second:
 *
 * <pre>
 *   held or not wanted | new: wanted, not open | open: blocks free, requested or received | open and complete: being verified
 * </pre>
 *
 * Everything is incremental: a peer's HAVE takes constant time; picking looks at open pieces that
 * have blocks to request, which are few, and at the buckets of {@link RarityBuckets}, not at all pieces or all peers.
 * Confined to the torrent's loop.
 */
public final class PiecePicker {
    /** The highest priority of a piece. */
    public static final int PRIORITY_MAX = 7;

    private final Pieces pieces;
    private final Claims claims;
    private final WantedPieces wanted;
    private final OpenPieces open;
    private final Availability availability;
    private final NewPieces fresh;

    /**
     * @param geometry of the torrent
     * @param held pieces that this torrent has; copied
     * @param wish how much each piece is wanted: 0 not at all, up to {@link #PRIORITY_MAX}
     * @param storage asked before a piece is opened
     */
    public PiecePicker(
            Geometry geometry, BitSet held, IntUnaryOperator wish, StorageRoom storage, RandomGenerator random) {
        this(geometry, held, wish, storage, Claims.NONE, random);
    }

    /** As above, for a torrent with siblings. */
    public PiecePicker(
            Geometry geometry,
            BitSet held,
            IntUnaryOperator wish,
            StorageRoom storage,
            Claims claims,
            RandomGenerator random) {
        this.claims = claims;
        this.pieces = geometry.pieces();
        int count = pieces.count();
        wanted = new WantedPieces(pieces, held);
        open = new OpenPieces(count);
        availability = new Availability(count);
        fresh = new NewPieces(geometry, storage, claims, wanted, availability, random);
        want(wish);
    }

    // ---- What is wanted

    /** Pieces that are wanted and not verified. */
    public int missing() {
        return wanted.missing();
    }

    /** Bytes of the pieces that are wanted and not verified. */
    public long missingBytes() {
        return wanted.missingBytes();
    }

    /** Pieces that are open: started and not verified. */
    public int openCount() {
        return open.count();
    }

    /** Whether {@code piece} is open. */
    public boolean isOpen(int piece) {
        return open.contains(piece);
    }

    /** Copies of the rarest piece among the connected outsiders, in thousandths. */
    public int availability() {
        return availability.thousandths();
    }

    /**
     * Returns for each bucket of pieces the copies of its rarest one among the connected outsiders. Bucket {@code i} of
     * {@code n} begins with the piece {@code i * pieces / n}.
     *
     * @param buckets at most as many as there are pieces
     */
    public List<Integer> availability(int buckets) {
        return IntStream.range(0, buckets)
                .map(bucket -> availability.rarest(bucketFrom(bucket, buckets), bucketFrom(bucket + 1, buckets)))
                .boxed()
                .toList();
    }

    private int bucketFrom(int bucket, int buckets) {
        return (int) ((long) bucket * pieces.count() / buckets);
    }

    /**
     * Changes the priority of each piece. Open pieces that are not wanted any more are dropped, except complete ones,
     * which are verified first.
     *
     * @return the dropped pieces: their storage room is not needed
     */
    public BitSet prioritize(IntUnaryOperator wish, CancelListener listener) {
        want(wish);
        return dropIncomplete(piece -> wanted.priority(piece) == 0, listener);
    }

    /**
     * Drops those of {@code pieces} that are open, except complete ones, which are verified first. They are still
     * wanted.
     *
     * @return the dropped pieces
     */
    public BitSet dropIncomplete(BitSet pieces, CancelListener listener) {
        return dropIncomplete(pieces::get, listener);
    }

    private BitSet dropIncomplete(IntPredicate which, CancelListener listener) {
        BitSet dropped = new BitSet();
        for (OpenPiece each : open.all()) {
            if (which.test(each.piece) && !each.isComplete()) {
                drop(each.piece, listener);
                dropped.set(each.piece);
            }
        }
        return dropped;
    }

    private void want(IntUnaryOperator wish) {
        BitSet changed = wanted.want(wish);
        for (int piece = changed.nextSetBit(0); piece >= 0; piece = changed.nextSetBit(piece + 1)) {
            updateBucket(piece);
        }
    }

    /** There may be room now for pieces that {@link StorageRoom} refused. */
    public void roomChanged() {
        fresh.roomChanged();
    }

    // ---- What peers have

    /** A peer has sent its pieces, or its first HAVE. The result identifies the peer in all other calls. */
    public PeerPieces joined(BitSet has) {
        return joined(has, Relation.OUTSIDER);
    }

    /** As above, for a peer that may be of this deployment. */
    public PeerPieces joined(BitSet has, Relation relation) {
        if (has.length() > pieces.count()) {
            throw new IndexOutOfBoundsException("piece " + (has.length() - 1) + " of " + pieces.count());
        }
        PeerPieces peer = new PeerPieces(pieces.count(), has, relation);
        if (peer.joinedAsSeed()) {
            availability.addSeed(peer, 1);
        } else {
            for (int piece = has.nextSetBit(0); piece >= 0; piece = has.nextSetBit(piece + 1)) {
                availability.add(peer, piece);
                fresh.has(peer, piece);
                updateBucket(piece);
            }
        }
        wanted.joined(peer);
        return peer;
    }

    /** A web seed is used: it has every piece. */
    public PeerPieces joinedWebSeed() {
        BitSet all = new BitSet(pieces.count());
        all.set(0, pieces.count());
        return joined(all);
    }

    /** The peer has one more piece (HAVE). */
    public void has(PeerPieces peer, int piece) {
        if (peer.add(piece)) {
            availability.add(peer, piece);
            fresh.has(peer, piece);
            updateBucket(piece);
            wanted.has(peer, piece);
        }
    }

    /** The peer has these pieces, some of which it may have announced before. */
    public void has(PeerPieces peer, BitSet has) {
        BitSet added = peer.notYet(has);
        for (int piece = added.nextSetBit(0); piece >= 0; piece = added.nextSetBit(piece + 1)) {
            has(peer, piece);
        }
    }

    /** The peer has left; blocks requested from it are free again. */
    public void left(PeerPieces peer) {
        releaseAll(peer);
        wanted.left(peer);
        if (peer.joinedAsSeed()) {
            availability.addSeed(peer, -1);
            return;
        }
        for (int piece = 0; piece < pieces.count(); piece++) {
            if (peer.has(piece)) {
                availability.remove(peer, piece);
                updateBucket(piece);
            }
        }
    }

    // ---- Picking

    /**
     * Chooses up to {@code count} blocks to request from {@code peer} now, and records them as requested.
     *
     * @param fast whether it would deliver a whole piece in some seconds
     * @param into is cleared, then filled
     * @return how many were chosen
     */
    public int pick(PeerPieces peer, int count, boolean fast, BlockList into) {
        into.clear();
        int want = Math.min(count, into.capacity());
        if (peer.usefulCount == 0) {
            return 0;
        }
        while (into.size() < want) {
            OpenPiece piece = next(peer, fast);
            if (piece == null) {
                break;
            }
            if (!peer.isSibling()) {
                claims.claim(piece.piece, fast || !peer.hasDelivered);
            }
            open.take(piece, peer, fast, want, into);
        }
        takeRequested(peer, want, into);
        return into.size();
    }

    /** Chooses blocks that are requested from other peers, if there is nothing else to do. */
    private void takeRequested(PeerPieces peer, int want, BlockList into) {
        if (into.size() < want && isEndGame()) {
            open.takeEndGame(peer, want, into);
        } else if (fresh.isRoomRefused()
                && into.size() == 0
                && peer.requested == 0
                && open.isAllRequested(availability)) {
            open.takeBusy(peer, into);
        }
    }

    /**
     * Chooses up to {@code count} blocks that follow one another, for a seed that is asked for ranges: the free blocks of one piece, and then of
     * those after it that no other peer delivers and that are wanted as much.
     *
     * @param first the piece to begin with, if it may be taken; -1 for any
     * @param only whether there is no use in beginning with another piece
     * @param into is cleared, then filled
     * @return how many were chosen
     */
    public int pickRun(PeerPieces peer, int count, int first, boolean only, BlockList into) {
        into.clear();
        int want = Math.min(count, into.capacity());
        if (peer.usefulCount == 0) {
            return 0;
        }
        OpenPiece piece = first < 0 ? null : openAt(first, peer);
        if (piece == null && !only) {
            piece = next(peer, true);
        }
        int priority = piece == null ? 0 : wanted.priority(piece.piece);
        while (piece != null && into.size() < want) {
            claims.claim(piece.piece, true);
            int next = open.takeRun(piece, peer, want, into) ? piece.piece + 1 : pieces.count();
            boolean goesOn = into.size() < want && next < pieces.count() && wanted.priority(next) >= priority;
            piece = goesOn ? openAt(next, peer) : null;
            if (piece != null && piece.nextFree(0, peer) != 0) {
                piece = null;
            }
        }
        if (!only && into.size() == 0) {
            takeRequested(peer, want, into);
        }
        return into.size();
    }

    /** Returns {@code piece} if {@code peer} may take it for itself, open now; else null. */
    private @Nullable OpenPiece openAt(int piece, PeerPieces peer) {
        if (claims.isClaimed(piece)) {
            return null;
        }
        OpenPiece opened = open.get(piece);
        if (opened != null) {
            return open.mayTakeOwn(opened, peer) ? opened : null;
        }
        return fresh.open(piece) ? begin(piece, peer) : null;
    }

    /** Returns the first wanted piece that is not verified; -1 if there is none. */
    public int firstMissing() {
        return wanted.nextMissing(0);
    }

    /**
     * Chooses, after {@link #pick}, up to {@code count} blocks that are requested from a peer of this deployment in
     * place of outsiders: outsiders then upload fewer copies of a torrent that several of our torrents want.
     *
     * @return how many were chosen; they are not requested from any other peer now
     */
    public int takeOver(PeerPieces peer, int count, BlockList into, CancelListener listener) {
        into.clear();
        if (peer.isFleet() && peer.usefulCount > 0) {
            open.takeOver(peer, Math.min(count, into.capacity()), into, listener);
        }
        return into.size();
    }

    /** Returns a piece with free blocks for {@code peer}, which may be opened now; null if there is none. */
    private @Nullable OpenPiece next(PeerPieces peer, boolean fast) {
        // A sibling passes on what it gets from outsiders: those are asked for what is still missing on this machine.
        IntPredicate admitted = peer.isSibling() ? piece -> true : piece -> !claims.isClaimed(piece);
        OpenPiece own = open.findTakeable(peer, fast, false, wanted, admitted);
        OpenPiece shared = open.findTakeable(peer, fast, true, wanted, admitted);
        if (shared == null) {
            int next = fresh.choose(peer, 1, admitted);
            return next < 0 ? null : begin(next, peer);
        }
        // The peer's own piece goes before a new one, and a new one before another peer's; but priority goes before
        // all.
        int least = wanted.priority(shared.piece);
        boolean hasOwn = own != null && wanted.priority(own.piece) == least;
        int next = fresh.choose(peer, least + (hasOwn ? 1 : 0), admitted);
        return next >= 0 ? begin(next, peer) : hasOwn ? own : shared;
    }

    private OpenPiece begin(int piece, PeerPieces peer) {
        OpenPiece started = open.begin(piece, pieces.blocks(piece));
        fresh.opened(piece, peer);
        return started;
    }

    /** Whether every missing block that any peer has is requested or received. */
    private boolean isEndGame() {
        return fresh.isEmpty() && open.isAllRequested(availability);
    }

    // ---- Requests and results

    /** What a received block is worth. */
    public enum Receipt {
        /** Nothing: it was received before, or its piece is not being downloaded. */
        UNWANTED,
        /** It was missing. */
        KEPT,
        /** It was the last one missing: the piece must be verified. */
        COMPLETED
    }

    /**
     * A block was received, requested or not. It settles every request for it.
     *
     * @param block must exist in {@code piece}
     * @param listener notified of the other peers from which it was requested
     */
    public Receipt received(PeerPieces from, int piece, int block, CancelListener listener) {
        OpenPiece target = open.get(piece);
        if (target == null || target.isReceived(block)) {
            return Receipt.UNWANTED;
        }
        from.hasDelivered = true;
        open.receive(target, block, from, listener);
        return target.isComplete() ? Receipt.COMPLETED : Receipt.KEPT;
    }

    /**
     * The peer has not sent this block in time. Other peers may take it now, as if it were not requested; the peer
     * itself may not, until {@link #release}, unless no other has it.
     */
    public void late(PeerPieces peer, int piece, int block) {
        if (availability.seeds() + availability.of(piece) <= 1) {
            release(peer, piece, block);
        } else {
            open.late(peer, piece, block);
        }
        OpenPiece target = open.get(piece);
        if (target != null && !target.isBusy()) {
            claims.release(piece);
        }
    }

    /**
     * The peer will not send this block: it rejected the request, took much too long, or was sent CANCEL.
     *
     * @return whether the block was requested from it
     */
    public boolean release(PeerPieces peer, int piece, int block) {
        return open.withdraw(peer, piece, block);
    }

    /** The peer will send no requested block: it choked us. */
    public void releaseAll(PeerPieces peer) {
        open.withdrawAll(peer);
        open.forEachIdle(claims::release);
    }

    /** Judges the owner of a piece. */
    @FunctionalInterface
    public interface OwnerReview {
        /** Whether {@code owner} is much slower than other peers from which {@code piece} could be requested. */
        boolean isTooSlow(PeerPieces owner, int piece);
    }

    /**
     * Must be called about once a second. A piece that failed comes from one peer alone, which could delay it as long as
     * it likes: a peer that is too slow loses the piece to another.
     */
    public void reviewOwners(OwnerReview review) {
        open.reviewOwners(review);
    }

    /** The complete piece passed its hash check. */
    public void verified(int piece) {
        open.verified(piece);
        claims.renew(piece);
        wanted.markHeld(piece);
    }

    /** The complete piece failed its hash check: it is downloaded again, from one peer alone. */
    public void failed(int piece) {
        open.failed(piece);
        claims.release(piece);
        updateBucket(piece);
    }

    /** Drops {@code piece}, which is open, and its received blocks; it may be opened again. */
    public void drop(int piece, CancelListener listener) {
        open.drop(piece, listener);
        claims.release(piece);
        updateBucket(piece);
    }

    /** Pieces that were held are lost: they are needed again if they are wanted. */
    public void lost(BitSet lost) {
        for (int piece = lost.nextSetBit(0); piece >= 0; piece = lost.nextSetBit(piece + 1)) {
            if (wanted.markLost(piece)) {
                updateBucket(piece);
            }
        }
    }

    /** Puts {@code piece} into the bucket where it belongs, or into none. */
    private void updateBucket(int piece) {
        fresh.update(piece, open.contains(piece));
    }
}
