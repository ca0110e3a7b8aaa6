package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.swarm.slots.Loan;
import io.shoal.swarm.slots.Slots;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one torrent and the pieces that are open in them.
 *
 * <p>A piece is opened with a slot for every segment that it touches, or not at all. A segment that is to be stored and
 * lacks the piece is <em>opened</em>, and keeps its slot. Any other segment (unwanted, stored, or with the piece
 * already) uses a <em>temporary</em> slot that is released with the last open piece in it: a piece can thus be read
 * back whole, and bytes that are not verified never overwrite verified ones.
 *
 * <p>Confined to the torrent's loop, except {@link #piece}.
 */
final class OpenSegments {
    /** Decides which segments retain a piece's bytes. */
    @FunctionalInterface
    interface RetentionRule {
        boolean retains(int segment, int piece);
    }

    /**
     * A piece that is open.
     *
     * @param retaining the segments that are to have it, as they were when it was opened
     */
    private record OpenedPiece(
            PieceSlots piece, Map<Integer, OpenSegment> retaining, Map<Integer, SlotReference> slots) {}

    private final Geometry geometry;
    private final Slots.Share share;
    private final Executor loop;
    private final LongSupplier nanoClock;
    private final Map<Integer, OpenedPiece> openedPieces = new ConcurrentHashMap<>();
    private final Map<Integer, OpenSegment> segments = new HashMap<>();
    private final Map<Integer, SlotReference> temporary = new HashMap<>();

    OpenSegments(Geometry geometry, Slots.Share share, Executor loop, LongSupplier nanoClock) {
        this.geometry = geometry;
        this.share = share;
        this.loop = loop;
        this.nanoClock = nanoClock;
    }

    /** Returns how many slots opening {@code piece} would take. */
    int slotsNeeded(int piece, RetentionRule rule) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        int needed = 0;
        for (int segment = range.from(); segment < range.to(); segment++) {
            boolean has = rule.retains(segment, piece) ? segments.containsKey(segment) : temporary.containsKey(segment);
            needed += has ? 0 : 1;
        }
        return needed;
    }

    /** Whether opening {@code piece} would take no slot and would not delay one that is asked back. */
    boolean hasRoom(int piece, RetentionRule rule) {
        return slotsNeeded(piece, rule) == 0 && draining(piece, rule).isEmpty();
    }

    /** Returns the slots that are asked back and in which {@code piece} would be filled. */
    private List<Loan> draining(int piece, RetentionRule rule) {
        List<Loan> draining = List.of();
        SegmentRange range = geometry.segmentsOfPiece(piece);
        for (int segment = range.from(); segment < range.to(); segment++) {
            OpenSegment open = segments.get(segment);
            if (open != null && open.isDraining() && rule.retains(segment, piece)) {
                if (draining.isEmpty()) {
                    draining = new ArrayList<>();
                }
                draining.add(open.slot.loan());
            }
        }
        return draining;
    }

    /** Opens {@code piece}. @return whether there is room */
    boolean open(int piece, RetentionRule rule) {
        if (openedPieces.containsKey(piece)) {
            throw new IllegalStateException("piece " + piece + " is open already");
        }
        for (Loan loan : draining(piece, rule)) {
            if (!share.keep(loan)) {
                return false;
            }
        }
        SegmentRange range = geometry.segmentsOfPiece(piece);
        boolean helps = false;
        for (int segment = range.from(); segment < range.to(); segment++) {
            helps |= segments.containsKey(segment);
        }
        int needed = slotsNeeded(piece, rule);
        List<Loan> slots = needed == 0 ? List.of() : share.acquire(needed, helps);
        if (slots == null) {
            return false;
        }
        int taken = 0;
        Map<Integer, OpenSegment> retaining = new LinkedHashMap<>();
        Map<Integer, SlotReference> uses = new HashMap<>();
        for (int segment = range.from(); segment < range.to(); segment++) {
            SlotReference use;
            if (rule.retains(segment, piece)) {
                OpenSegment existing = segments.get(segment);
                if (existing == null) {
                    existing = openSegment(segment, slots.get(taken++));
                }
                existing.openPieces++;
                retaining.put(segment, existing);
                use = existing.slot;
                use.retain();
            } else {
                SlotReference existingTemporary = temporary.get(segment);
                use = existingTemporary != null ? existingTemporary : new SlotReference(slots.get(taken++));
                use.retain();
                if (existingTemporary == null) {
                    temporary.put(segment, use);
                    use.retire(); // it is released with its last user
                }
            }
            uses.put(segment, use);
        }
        PieceProgress progress = new PieceProgress(
                retaining.values().stream().map(open -> open.slot.loan()).toList(), nanoClock.getAsLong());
        openedPieces.put(piece, new OpenedPiece(new PieceSlots(places(piece, uses), progress), retaining, uses));
        return true;
    }

    private List<PieceSlots.SlotRange> places(int piece, Map<Integer, SlotReference> uses) {
        List<PieceSlots.SlotRange> places = new ArrayList<>();
        long from = geometry.pieces().offset(piece);
        geometry.forEachRun(from, geometry.pieces().length(piece), (segment, inSegment, offset, length) -> {
            SlotReference use = uses.get(segment);
            places.add(new PieceSlots.SlotRange(
                    (int) (offset - from), length, segment, use == null ? -1 : use.number(), inSegment));
        });
        return places;
    }

    /** Returns the open piece, for worker threads; null if it is not open. */
    @Nullable
    PieceSlots piece(int piece) {
        OpenedPiece found = openedPieces.get(piece);
        return found == null ? null : found.piece;
    }

    /**
     * Returns the open pieces that delay a slot that is asked back.
     *
     * @param stalled nanoseconds without a byte after which a piece does not end by itself
     */
    BitSet delayingDrain(long stalled) {
        long now = nanoClock.getAsLong();
        BitSet delaying = new BitSet();
        openedPieces.forEach((piece, opened) -> {
            if (opened.piece.progress.delaysDrain(now, stalled)) {
                delaying.set(piece);
            }
        });
        return delaying;
    }

    /**
     * Closes an open piece.
     *
     * @param verified whether the segments that it was opened for have it now
     * @return these segments, as far as they are still open
     */
    List<Integer> close(int piece, boolean verified) {
        OpenedPiece closed = openedPieces.remove(piece);
        if (closed == null) {
            throw new IllegalStateException("piece " + piece + " is not open");
        }
        List<Integer> grown = new ArrayList<>();
        closed.retaining.forEach((segment, keeper) -> {
            keeper.openPieces--;
            if (segments.get(segment)
                    == keeper) { // otherwise the scratch file has failed the segment, and its pieces are lost
                grown.add(segment);
                if (verified) {
                    keeper.verified.set(piece);
                }
            }
        });
        closed.piece.close(() -> loop.execute(() -> closed.slots.forEach(this::release)));
        return grown;
    }

    private void release(int segment, SlotReference use) {
        use.release();
        if (use.isUnused()) {
            temporary.remove(segment, use);
        }
    }

    /** Returns a copy of the open pieces. */
    List<Integer> openPieces() {
        return List.copyOf(openedPieces.keySet());
    }

    /** Returns a copy of the numbers of the open segments. */
    List<Integer> numbers() {
        return List.copyOf(segments.keySet());
    }

    /** Returns the open segment; null if it is not open. */
    @Nullable
    OpenSegment get(int segment) {
        return segments.get(segment);
    }

    /** Opens a segment without an open piece of it, to load its spills; null if there is no room. */
    @Nullable
    OpenSegment openSegment(int segment) {
        List<Loan> slots = share.acquire(1, true);
        return slots == null ? null : openSegment(segment, slots.getFirst());
    }

    private OpenSegment openSegment(int segment, Loan loan) {
        int pieces = geometry.piecesIn(new SegmentIndex(segment)).cardinality();
        loan.fill();
        OpenSegment fresh = new OpenSegment(new SlotReference(loan), pieces);
        segments.put(segment, fresh);
        return fresh;
    }

    /** Closes a segment: its slot is released when its last user is done. */
    void closeSegment(int segment) {
        OpenSegment gone = segments.remove(segment);
        if (gone != null) {
            gone.slot.retire();
        }
    }
}
