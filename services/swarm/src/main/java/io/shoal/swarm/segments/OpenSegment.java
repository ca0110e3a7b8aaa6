package io.shoal.swarm.segments;

import java.util.BitSet;

/** A segment that is filled in a slot, until it is stored or spilled. Confined to the torrent's loop. */
final class OpenSegment {
    final SlotReference slot;

    /** Pieces whose verified bytes are in the slot, by their index in the torrent. */
    final BitSet verified = new BitSet();

    private final int pieces;

    /** Open pieces that write to it. */
    int openPieces;

    /** Spills that are being loaded into it. */
    int loadingSpills;

    /** Whether it is being written to the store, whole or as a spill. */
    boolean uploading;

    OpenSegment(SlotReference slot, int pieces) {
        this.slot = slot;
        this.pieces = pieces;
    }

    boolean isFull() {
        return verified.cardinality() == pieces;
    }

    /** Whether it would be full if it had the pieces of {@code spilled}, of this segment, too. */
    boolean isFullWith(BitSet spilled) {
        BitSet all = (BitSet) verified.clone();
        all.or(spilled);
        return all.cardinality() == pieces;
    }

    /** Whether its slot is asked back: it is spilled as soon as nothing uses it. */
    boolean isDraining() {
        return slot.loan().isDraining();
    }

    /** Whether no piece, load or upload uses it. */
    boolean isIdle() {
        return openPieces == 0 && loadingSpills == 0 && !uploading;
    }
}
