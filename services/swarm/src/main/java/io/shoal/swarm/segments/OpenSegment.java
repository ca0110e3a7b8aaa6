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

    /** When it last gained a piece, on the clock of {@link System#nanoTime}. */
    long grownAt;

    /** Spills that are being loaded into it. */
    int loadingSpills;

    /** Whether it is being written to the store, whole or as a spill. */
    boolean uploading;

    OpenSegment(SlotReference slot, int pieces, long now) {
        this.slot = slot;
        this.pieces = pieces;
        this.grownAt = now;
    }

    boolean isFull() {
        return verified.cardinality() == pieces;
    }

    /** Whether no piece, load or upload uses it. */
    boolean isIdle() {
        return openPieces == 0 && loadingSpills == 0 && !uploading;
    }
}
