package io.shoal.swarm.segments;

import io.shoal.swarm.slots.Slots;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves open segments to their next state: a full segment is stored, an unwanted one is closed, one that must make room
 * is spilled, and the spills of one that lacks nothing else are loaded.
 *
 * <p>Invariant: a segment counts as stored only when the store has acknowledged it, and its slot is released only then.
 * Confined to the torrent's loop.
 */
final class SegmentLifecycle implements SegmentTransfers.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLifecycle.class);

    /** Spills of one segment, which a successor reads one by one; less than what it reads at most. */
    private static final int SPILLS_MAX = 32;

    private final OpenSegments openSegments;
    private final SegmentInventory inventory;
    private final LostPieces lostPieces;
    private final SegmentTransfers transfers;
    private final Slots.Share share;
    private final SegmentListener events;
    private @Nullable CompletableFuture<Void> handedOver;

    /** @param transfersFor creates the transfers, of which this is the listener */
    SegmentLifecycle(
            OpenSegments openSegments,
            SegmentInventory inventory,
            LostPieces lostPieces,
            Function<SegmentTransfers.Listener, SegmentTransfers> transfersFor,
            Slots.Share share,
            SegmentListener events) {
        this.openSegments = openSegments;
        this.inventory = inventory;
        this.lostPieces = lostPieces;
        this.transfers = transfersFor.apply(this);
        this.share = share;
        this.events = events;
    }

    /** Moves an open segment to its next state, if it is ready. */
    void advance(int segment) {
        OpenSegment open = openSegments.get(segment);
        if (open == null || !open.isIdle()) {
            return;
        }
        if (!inventory.wants(segment)) {
            close(segment);
            lostPieces.slotLost(segment);
        } else if (open.isFull()) {
            open.uploading = true;
            open.slot.loan().store();
            transfers.store(segment, open.slot);
        } else if (lacksOnlySpills(segment, open)) {
            loadSpills(segment, open);
        } else if (handedOver != null || open.isDraining()) {
            spill(segment, open);
        }
    }

    private boolean lacksOnlySpills(int segment, OpenSegment open) {
        BitSet spilled = inventory.spills.pieces(segment);
        return !spilled.isEmpty() && open.isFullWith(spilled);
    }

    /** Advances every open segment. */
    void advanceAll() {
        openSegments.numbers().forEach(this::advance);
    }

    /** Spills all open segments that nothing uses. */
    void spillIdle() {
        for (int segment : openSegments.numbers()) {
            OpenSegment open = openSegments.get(segment);
            if (open != null && open.isIdle()) {
                spill(segment, open);
            }
        }
    }

    /** Spills what no spill has; if there are many spills they are loaded first, and one spill replaces all. */
    private void spill(int segment, OpenSegment open) {
        BitSet spilled = unspilled(segment, open);
        if (spilled.isEmpty()) {
            close(segment);
            return;
        }
        if (handedOver == null && inventory.spills.of(segment).size() >= SPILLS_MAX) {
            if (loadSpills(segment, open)) {
                return;
            }
            spilled = (BitSet) open.verified.clone();
        }
        open.uploading = true;
        transfers.spill(segment, spilled, open.slot);
    }

    /** Returns the pieces in the slot that no spill has. */
    private BitSet unspilled(int segment, OpenSegment open) {
        BitSet unspilled = (BitSet) open.verified.clone();
        unspilled.andNot(inventory.spills.pieces(segment));
        return unspilled;
    }

    private void close(int segment) {
        openSegments.closeSegment(segment);
        completeHandOver();
    }

    /** Loads the pieces that the slot lacks; the segment is advanced then. @return whether there are any */
    private boolean loadSpills(int segment, OpenSegment open) {
        for (SpillIndex.StoredSpill spill : inventory.spills.of(segment)) {
            BitSet lacking = (BitSet) spill.spill().pieces().clone();
            lacking.andNot(open.verified);
            if (!lacking.isEmpty()) {
                open.loadingSpills++;
                transfers.load(segment, spill, open.slot);
            }
        }
        return open.loadingSpills > 0;
    }

    /**
     * Opens segments whose spills are complete: no piece of them will be opened, so nothing else would advance them.
     */
    void reopenSpilledWhole() {
        SpillIndex spills = inventory.spills;
        for (int segment : spills.segments()) {
            boolean whole = spills.pieces(segment).equals(inventory.piecesOf(segment));
            if (whole
                    && inventory.wants(segment)
                    && openSegments.get(segment) == null
                    && openSegments.openSegment(segment) != null) {
                advance(segment);
            }
        }
    }

    /** Deletes obsolete spills. */
    void delete(List<String> spills) {
        transfers.delete(spills);
    }

    /** Whether the store delays a segment. Any thread. */
    boolean isDelayed() {
        return transfers.isDelayed();
    }

    /** Stores or spills all open segments; completes {@code done} when none is open any more. */
    void handOver(CompletableFuture<Void> done) {
        handedOver = done;
        advanceAll();
        completeHandOver();
    }

    /** Gives up all open segments. */
    void abandon() {
        transfers.cancel();
        openSegments.numbers().forEach(openSegments::closeSegment);
        completeHandOver();
    }

    private void completeHandOver() {
        if (handedOver != null && openSegments.numbers().isEmpty()) {
            handedOver.complete(null);
        }
    }

    // ---- Results of transfers

    @Override
    public void stored(int segment) {
        inventory.setStored(segment, true);
        openSegments.closeSegment(segment);
        transfers.delete(inventory.spills.removeAll(segment));
        if (inventory.isComplete()) {
            share.stopWaiting();
        }
        events.stored(segment);
        completeHandOver();
    }

    @Override
    public void spilled(int segment, String key, Spill spill) {
        transfers.delete(inventory.spills.removeCovered(spill));
        inventory.spills.add(key, spill);
        OpenSegment open = openSegments.get(segment);
        if (open != null) {
            open.uploading = false;
            if (open.isIdle() && unspilled(segment, open).isEmpty()) {
                close(segment);
            } else {
                advance(segment);
            }
        }
    }

    @Override
    public void loaded(int segment, SpillIndex.StoredSpill spill) {
        OpenSegment open = openSegments.get(segment);
        if (open != null) {
            open.loadingSpills--;
            open.verified.or(spill.spill().pieces());
            advance(segment);
        }
    }

    @Override
    public void notLoaded(int segment, SpillIndex.StoredSpill spill, Throwable cause) {
        lostPieces.spillLost(spill, cause);
        OpenSegment open = openSegments.get(segment);
        if (open != null) {
            open.loadingSpills--;
            advance(segment);
        }
    }

    @Override
    public void slotFailed(int segment, Throwable cause) {
        LOG.error("The scratch file does not give back segment {}, which is downloaded again", segment, cause);
        openSegments.closeSegment(segment);
        lostPieces.slotLost(segment);
        completeHandOver();
    }
}
