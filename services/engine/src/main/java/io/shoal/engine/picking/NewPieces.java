package io.shoal.engine.picking;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import io.shoal.bittorrent.geometry.SegmentRange;
import java.util.BitSet;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * Chooses the next piece to open: the highest priority, then segments already started, then the rarest. The room of the store, what
 * siblings are getting and what other workers have decide among these.
 *
 * <p>Invariant: {@code pickable} holds exactly the pieces that are wanted, missing and not open.
 */
final class NewPieces {
    /** Pieces that are chosen at random before rarity counts. */
    static final int RANDOM_FIRST = 4;

    private final Geometry geometry;
    private final StorageRoom storage;
    private final Claims claims;
    private final WantedPieces wanted;
    private final Availability availability;
    private final RarityBuckets pickable;
    private final BitSet started = new BitSet();
    private final BitSet inStartedSegments = new BitSet();

    /**
     * Segments of which a peer of this deployment had a piece, also if it has left since. Only the order among pieces of one
     * priority follows from it: when nothing else is left, their pieces are chosen all the same.
     */
    private final BitSet startedInFleet = new BitSet();

    /** Whether {@link StorageRoom} has refused since its last change. */
    private boolean roomRefused;

    NewPieces(
            Geometry geometry,
            StorageRoom storage,
            Claims claims,
            WantedPieces wanted,
            Availability availability,
            RandomGenerator random) {
        this.geometry = geometry;
        this.storage = storage;
        this.claims = claims;
        this.wanted = wanted;
        this.availability = availability;
        this.pickable = new RarityBuckets(geometry.pieces().count(), random);
    }

    /** There may be room now for pieces that {@link StorageRoom} refused. */
    void roomChanged() {
        roomRefused = false;
    }

    boolean isRoomRefused() {
        return roomRefused;
    }

    /** Whether no peer has a piece that could be opened. */
    boolean isEmpty() {
        return pickable.size() <= (availability.seeds() > 0 ? 0 : pickable.sizeOf(0));
    }

    /** A peer has {@code piece} now. */
    void has(PeerPieces peer, int piece) {
        if (peer.isFleet()) {
            SegmentRange segments = geometry.segmentsOfPiece(piece);
            startedInFleet.set(segments.from(), segments.to());
        }
    }

    /** Puts {@code piece} into the bucket where it belongs, or into none if it is not wanted or is open. */
    void update(int piece, boolean isOpen) {
        if (wanted.isMissing(piece) && !isOpen) {
            int tier = wanted.priority(piece) << 1 | (inStartedSegments.get(piece) ? 1 : 0);
            pickable.put(piece, tier, availability.of(piece));
        } else {
            pickable.remove(piece);
        }
    }

    /**
     * Returns a piece to open, of at least this priority, for which there is room; -1 if there is none. An outsider is
     * asked last for what a torrent of another worker has.
     */
    int choose(PeerPieces peer, int minPriority, IntPredicate admitted) {
        if (minPriority > PiecePicker.PRIORITY_MAX) {
            return -1;
        }
        if (!peer.isFleet() && availability.hasFleet()) {
            int piece = chooseAdmitted(peer, minPriority, admitted.and(each -> !availability.isInFleet(each)));
            if (piece >= 0) {
                return piece;
            }
        }
        return chooseAdmitted(peer, minPriority, admitted);
    }

    private int chooseAdmitted(PeerPieces peer, int minPriority, IntPredicate admitted) {
        int minTier = minPriority << 1;
        if (!roomRefused) {
            int piece = besideSiblings(
                    wanted.heldCount() < RANDOM_FIRST
                            ? pickable.any(peer, minTier, admitted)
                            : pickable.first(peer, minTier, admitted),
                    peer,
                    admitted);
            if (piece < 0 || storage.open(piece)) {
                return piece;
            }
            roomRefused = true;
        }
        int piece = pickable.firstOdd(peer, minTier, admitted.and(storage::hasRoom));
        return piece >= 0 && storage.open(piece) ? piece : -1;
    }

    /** Reserves room for {@code piece} if it is new. @return false if it is not, or there is no room for it */
    boolean open(int piece) {
        if (!pickable.contains(piece) || roomRefused && !storage.hasRoom(piece)) {
            return false;
        }
        boolean hasRoom = storage.open(piece);
        roomRefused |= !hasRoom;
        return hasRoom;
    }

    /**
     * Returns {@code piece}, or one of the same priority in a segment that siblings have started ({@link Claims#started}),
     * or else in one that no worker has started: two workers then seldom request the same piece. A torrent of few
     * segments is downloaded from all ends.
     */
    private int besideSiblings(int piece, PeerPieces peer, IntPredicate admitted) {
        if (piece < 0 || peer.isFleet() || geometry.segments().size() <= SharedClaims.SEGMENTS) {
            return piece;
        }
        int minTier = wanted.priority(piece) << 1;
        for (int segment : claims.started()) {
            int beside = pickable.rarestIn(piecesOf(segment), peer, minTier, admitted);
            if (beside >= 0) {
                return beside;
            }
        }
        if (startedInFleet.isEmpty()) {
            return piece;
        }
        int apart = pickable.first(
                peer,
                minTier,
                admitted.and(each ->
                        !startedInFleet.get(geometry.segmentsOfPiece(each).from())));
        return apart >= 0 ? apart : piece;
    }

    private PieceRange piecesOf(int segment) {
        return geometry.piecesOf(new SegmentIndex(segment));
    }

    /** {@code piece} is open now, for {@code peer}. */
    void opened(int piece, PeerPieces peer) {
        pickable.remove(piece);
        SegmentRange segments = geometry.segmentsOfPiece(piece);
        for (int segment = segments.from(); segment < segments.to(); segment++) {
            if (!started.get(segment)) {
                start(segment, peer);
            }
        }
    }

    private void start(int segment, PeerPieces peer) {
        started.set(segment);
        if (!peer.isFleet()) {
            claims.start(segment);
        }
        PieceRange range = piecesOf(segment);
        inStartedSegments.set(range.from(), range.to());
        for (int each = range.from(); each < range.to(); each++) {
            if (pickable.contains(each)) {
                update(each, false);
            }
        }
    }
}
