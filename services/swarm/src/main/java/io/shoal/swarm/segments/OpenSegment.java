package io.shoal.swarm.segments;

import java.util.BitSet;

/** A segment that fills up in a slot, until it is stored or spilled. Confined to the torrent's loop. */
final class OpenSegment {
    final SlotReference slot;

    /** Pieces whose bytes are in the slot and right, by their number in the torrent. */
    final BitSet verified = new BitSet();

    private final int pieces;

    /** Open pieces that write to it. */
    int openPieces;

    /** When it last got a piece, on the clock of {@link System#nanoTime}. */
    long grownAt;

    /** Spills that are on their way back into it. */
    int loadingSpills;

    /** Whether it is on its way to the store, whole or as a spill. */
    boolean uploading;

    OpenSegment(SlotReference slot, int pieces, long now) {
        this.slot = slot;
        this.pieces = pieces;
        this.grownAt = now;
    }

    boolean isFull() {
        return verified.cardinality() == pieces;
    }

    /** Whether nothing is under way that needs it here. */
    boolean isIdle() {
        return openPieces == 0 && loadingSpills == 0 && !uploading;
    }
}
