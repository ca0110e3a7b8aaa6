package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.engine.PieceWish;
import java.util.BitSet;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The inventory of one torrent: which pieces are kept, where they are (slot, spill or store), and what must still be
 * downloaded.
 *
 * <p>Invariant: a piece is <em>held</em> iff each of its segments has it. It is wanted if a wanted segment lacks it.
 * Confined to the torrent's loop.
 */
final class SegmentInventory {
    final SpillIndex spills;

    private final Geometry geometry;
    private final OpenSegments openSegments;
    private final BitSet stored;
    private final BitSet held = new BitSet();
    private SegmentWish wish;

    /** Bytes of wanted segments that no place has. Written on the loop. */
    private final AtomicLong left = new AtomicLong();

    SegmentInventory(Geometry geometry, OpenSegments openSegments, StoredContent found, SegmentWish wish) {
        this.geometry = geometry;
        this.openSegments = openSegments;
        this.spills = new SpillIndex(geometry, found.spills());
        this.stored = found.stored();
        this.wish = wish;
        for (int piece = 0; piece < geometry.pieces().count(); piece++) {
            held.set(piece, isWhole(piece));
        }
        left.set(countLeft());
    }

    // ---- Kept pieces

    /** Returns a copy of the held pieces. */
    BitSet held() {
        return (BitSet) held.clone();
    }

    boolean isHeld(int piece) {
        return held.get(piece);
    }

    boolean isStored(int segment) {
        return stored.get(segment);
    }

    void setStored(int segment, boolean isStored) {
        stored.set(segment, isStored);
    }

    /** Returns the slot in which {@code segment} has {@code piece}, if it does. */
    @Nullable
    SlotReference slot(int segment, int piece) {
        OpenSegment open = openSegments.get(segment);
        return open != null && open.verified.get(piece) ? open.slot : null;
    }

    /** {@code grown}, segments of {@code piece} that lacked it, have it now. */
    void pieceKept(int piece, Collection<Integer> grown) {
        held.set(piece, isWhole(piece));
        long kept = 0;
        for (int segment : grown) {
            kept += wants(segment) ? PieceSpan.of(geometry, piece, segment).length() : 0;
        }
        left.addAndGet(-kept);
    }

    /** Returns the bytes of wanted segments that are not verified. Any thread. */
    long left() {
        return left.get();
    }

    private long countLeft() {
        long bytes = 0;
        for (int segment = 0; segment < geometry.segments().size(); segment++) {
            if (wants(segment) && !stored.get(segment)) {
                bytes += geometry.segments().get(segment).length() - keptInPart(segment);
            }
        }
        return bytes;
    }

    /** Returns the bytes that slot and spills have of a segment that is not stored. */
    private long keptInPart(int segment) {
        BitSet pieces = spills.pieces(segment);
        OpenSegment open = openSegments.get(segment);
        if (open != null) {
            pieces.or(open.verified);
        }
        return pieces.stream()
                .mapToLong(piece -> PieceSpan.of(geometry, piece, segment).length())
                .sum();
    }

    /** Returns the pieces of {@code touched} that were held and are not any more. */
    BitSet recount(BitSet touched) {
        BitSet gone = new BitSet();
        touched.stream().filter(piece -> held.get(piece) && !isWhole(piece)).forEach(gone::set);
        held.andNot(gone);
        left.set(countLeft());
        return gone;
    }

    /** Returns the pieces that have bytes in {@code segment}. */
    BitSet piecesOf(int segment) {
        return geometry.piecesIn(new SegmentIndex(segment));
    }

    private boolean has(int segment, int piece) {
        return stored.get(segment) || slot(segment, piece) != null || spills.find(segment, piece) != null;
    }

    private boolean isWhole(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (!has(segment, piece)) {
                return false;
            }
        }
        return true;
    }

    private boolean isKeptInPart(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (has(segment, piece)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns where the pieces are. Only open segments and those with spills are looked at: a held piece that is in none of
     * them is stored.
     */
    PieceMap pieceMap(int buckets) {
        BitSet open = new BitSet();
        openSegments.openPieces().forEach(open::set);
        for (int segment : openSegments.numbers()) {
            OpenSegment filled = openSegments.get(segment);
            if (filled != null && !stored.get(segment)) {
                open.or(filled.verified);
            }
        }
        BitSet spilled = new BitSet();
        for (int segment : spills.segments()) {
            if (!stored.get(segment)) {
                spilled.or(spills.pieces(segment));
            }
        }
        spilled.and(held);
        spilled.andNot(open);
        BitSet rest = held();
        rest.andNot(open);
        rest.andNot(spilled);
        return PieceMap.of(geometry.pieces().count(), rest, spilled, open, buckets);
    }

    // ---- Wanted pieces

    boolean wants(int segment) {
        return wish.wants(segment);
    }

    /** Whether {@code segment} is wanted and lacks {@code piece}. */
    boolean needs(int segment, int piece) {
        return wish.wants(segment) && !has(segment, piece);
    }

    /** Whether all wanted segments are stored. */
    boolean isComplete() {
        return wish.isMetBy(stored);
    }

    void want(SegmentWish changed) {
        wish = changed;
        left.set(countLeft());
    }

    /** Returns the priority with which {@code piece} must be downloaded. */
    int wishOf(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        int most = 0;
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (wish.of(segment) > most && !has(segment, piece)) {
                most = wish.of(segment);
            }
        }
        return most;
    }

    /** Returns the present priority of every piece. */
    PieceWish wish() {
        byte[] wishes = new byte[geometry.pieces().count()];
        for (int piece = 0; piece < wishes.length; piece++) {
            wishes[piece] = (byte) wishOf(piece);
        }
        return piece -> wishes[piece];
    }

    /** Returns the wanted pieces of which some segments have their part: they are downloaded a second time. */
    BitSet wantedAgain() {
        BitSet again = new BitSet();
        for (int piece = 0; piece < geometry.pieces().count(); piece++) {
            if (!held.get(piece) && isKeptInPart(piece) && wishOf(piece) > 0) {
                again.set(piece);
            }
        }
        return again;
    }
}
