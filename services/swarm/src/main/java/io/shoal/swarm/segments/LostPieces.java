package io.shoal.swarm.segments;

import io.shoal.engine.store.Store;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the loss of kept pieces: removes them from the inventory, and notifies the engine, which downloads them
 * again. Confined to the torrent's loop.
 */
final class LostPieces {
    private static final Logger LOG = LoggerFactory.getLogger(LostPieces.class);

    private final SegmentInventory inventory;
    private final SegmentListener events;
    private Store.@Nullable Listener listener;

    LostPieces(SegmentInventory inventory, SegmentListener events) {
        this.inventory = inventory;
        this.events = events;
    }

    /** Sets the listener to notify; none if null. */
    void setListener(Store.@Nullable Listener listener) {
        this.listener = listener;
    }

    /** A stored segment is in none of the objects where it could be. */
    void segmentLost(int segment) {
        if (inventory.isStored(segment)) {
            LOG.warn("Segment {} is not in the store any more", segment);
            inventory.setStored(segment, false);
            slotLost(segment);
        }
    }

    /** A spill is missing or damaged. */
    void spillLost(SpillIndex.StoredSpill spill, Throwable cause) {
        if (inventory.spills.remove(spill)) {
            LOG.warn("A spill is lost, its pieces are downloaded again: {}", spill.key(), cause);
            notifyLost(inventory.recount(spill.spill().pieces()));
        }
    }

    /** The pieces of {@code segment} in its slot are given up. */
    void slotLost(int segment) {
        notifyLost(inventory.recount(inventory.piecesOf(segment)));
    }

    /** These pieces must be downloaded again. */
    void notifyLost(BitSet pieces) {
        Store.Listener current = listener;
        if (!pieces.isEmpty() && current != null) {
            current.lost(pieces);
            events.lost();
        }
    }
}
