package io.shoal.swarm.segments;

import io.shoal.engine.store.Store;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was kept and is no more: struck from the books, and told to the engine, which downloads it again. Confined to the
 * torrent's loop.
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

    /** Tells {@code listener} from now on; nobody if null. */
    void setListener(Store.@Nullable Listener listener) {
        this.listener = listener;
    }

    /** A stored segment is in no object where it could be. */
    void segmentLost(int segment) {
        if (inventory.isStored(segment)) {
            LOG.warn("Segment {} is not in the store any more", segment);
            inventory.setStored(segment, false);
            slotLost(segment);
        }
    }

    /** A spill is not there, or is not what it was. */
    void spillLost(SpillIndex.StoredSpill spill, Exception cause) {
        if (inventory.spills.remove(spill)) {
            LOG.warn("A spill is lost, its pieces are downloaded again: {}", spill.key(), cause);
            notifyLost(inventory.recount(spill.spill().pieces()));
        }
    }

    /** What {@code segment} had in its slot is given up. */
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
