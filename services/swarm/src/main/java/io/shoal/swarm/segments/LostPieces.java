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

    private final SegmentInventory holdings;
    private final SegmentListener events;
    private Store.@Nullable Listener listener;

    LostPieces(SegmentInventory holdings, SegmentListener events) {
        this.holdings = holdings;
        this.events = events;
    }

    /** Tells {@code listener} from now on; nobody if null. */
    void tellTo(Store.@Nullable Listener listener) {
        this.listener = listener;
    }

    /** A stored segment is in no object where it could be. */
    void segmentGone(int segment) {
        if (holdings.isStored(segment)) {
            LOG.warn("Segment {} is not in the store any more", segment);
            holdings.setStored(segment, false);
            slotGone(segment);
        }
    }

    /** A spill is not there, or is not what it was. */
    void spillGone(SpillIndex.StoredSpill spill, Exception cause) {
        if (holdings.spills.remove(spill)) {
            LOG.warn("A spill is lost, its pieces are downloaded again: {}", spill.key(), cause);
            tell(holdings.recount(spill.spill().pieces()));
        }
    }

    /** What {@code segment} had in its slot is given up. */
    void slotGone(int segment) {
        tell(holdings.recount(holdings.piecesOf(segment)));
    }

    /** These pieces must be downloaded again. */
    void tell(BitSet pieces) {
        Store.Listener told = listener;
        if (!pieces.isEmpty() && told != null) {
            told.lost(pieces);
            events.lost();
        }
    }
}
