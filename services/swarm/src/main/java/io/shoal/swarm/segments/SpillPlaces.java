package io.shoal.swarm.segments;

import io.shoal.bittorrent.geometry.Geometry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a spill belong in the slot of its segment, so that it can be loaded in parts. Immutable. */
final class SpillPlaces {
    /** Takes contiguous bytes of the slot. */
    @FunctionalInterface
    interface SlotWriter {
        void write(int inSlot, ByteBuffer bytes) throws IOException;
    }

    private final int begin;

    // For each piece: one past its last byte in the spill, and where its first byte is in the slot.
    private final int[] ends;
    private final int[] inSlot;

    SpillPlaces(Geometry geometry, Spill spill) {
        this.begin = Spill.headerBytes(geometry, spill.segment());
        int[] pieces = spill.pieces().stream().toArray();
        this.ends = new int[pieces.length];
        this.inSlot = new int[pieces.length];
        int at = begin;
        for (int i = 0; i < pieces.length; i++) {
            PieceSpan span = PieceSpan.of(geometry, pieces[i], spill.segment());
            at += span.length();
            ends[i] = at;
            inSlot[i] = span.offset();
        }
    }

    /** The offset in the spill of its first piece. */
    int begin() {
        return begin;
    }

    /** Passes on {@code bytes}, which are at {@code offset} of the spill, piece by piece. */
    void scatter(int offset, ByteBuffer bytes, SlotWriter writer) throws IOException {
        int at = offset;
        int end = offset + bytes.remaining();
        int from = begin;
        for (int i = 0; i < ends.length && at < end; i++) {
            if (at < ends[i]) {
                int length = Math.min(ends[i], end) - at;
                writer.write(inSlot[i] + at - from, bytes.slice(bytes.position() + at - offset, length));
                at += length;
            }
            from = ends[i];
        }
    }
}
