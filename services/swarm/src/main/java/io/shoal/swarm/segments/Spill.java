package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import java.util.BitSet;

/**
 * The content of a spill object: one bit for each piece from its segment's first to its last, the first the lowest bit of the
 * first byte, then the bytes that the pieces whose bit is set have in this segment, in order and contiguous. The format
 * follows from the geometry alone, so a spill carries no other metadata.
 *
 * @param segment the segment of the pieces
 * @param pieces indexes of its pieces in the torrent
 */
record Spill(int segment, BitSet pieces) {
    Spill {
        pieces = (BitSet) pieces.clone();
    }

    /** Bytes of the bitmap in front of each spill of {@code segment}. */
    static int headerBytes(Geometry geometry, int segment) {
        return (geometry.piecesOf(new SegmentIndex(segment)).count() + 7) / 8;
    }

    /**
     * Parses the bitmap.
     *
     * @param size bytes of the whole object, which must be exactly those that the bitmap implies
     * @throws BadSpillException if it cannot be a spill of {@code segment}
     */
    static Spill decode(Geometry geometry, int segment, byte[] header, long size) throws BadSpillException {
        PieceRange range = geometry.piecesOf(new SegmentIndex(segment));
        BitSet bits = BitSet.valueOf(header);
        if (header.length != headerBytes(geometry, segment) || bits.isEmpty() || bits.length() > range.count()) {
            throw new BadSpillException("a bitmap that is none of segment " + segment);
        }
        BitSet pieces = new BitSet();
        bits.stream().forEach(bit -> pieces.set(range.from() + bit));
        BitSet others = (BitSet) pieces.clone();
        others.andNot(geometry.piecesIn(new SegmentIndex(segment)));
        if (!others.isEmpty()) {
            throw new BadSpillException("pieces that have no byte in segment " + segment);
        }
        Spill spill = new Spill(segment, pieces);
        if (spill.bytes(geometry) != size) {
            throw new BadSpillException(
                    "%d bytes for segment %d where its pieces have %d".formatted(size, segment, spill.bytes(geometry)));
        }
        return spill;
    }

    /** The bitmap. */
    byte[] header(Geometry geometry) {
        int from = geometry.piecesOf(new SegmentIndex(segment)).from();
        BitSet bits = pieces.get(from, Math.max(from, pieces.length()));
        byte[] header = new byte[headerBytes(geometry, segment)];
        byte[] set = bits.toByteArray();
        System.arraycopy(set, 0, header, 0, set.length);
        return header;
    }

    /** Bytes of the whole object. */
    int bytes(Geometry geometry) {
        return headerBytes(geometry, segment)
                + pieces.stream()
                        .map(piece -> PieceSpan.of(geometry, piece, segment).length())
                        .sum();
    }

    /** Returns the offset in the object of the bytes of {@code piece}, which it has. */
    int offset(Geometry geometry, int piece) {
        return headerBytes(geometry, segment)
                + pieces.stream()
                        .takeWhile(before -> before < piece)
                        .map(before -> PieceSpan.of(geometry, before, segment).length())
                        .sum();
    }

    /** An object that is not a valid spill: its pieces count as lost. */
    static final class BadSpillException extends Exception {
        private static final long serialVersionUID = 1L;

        BadSpillException(String reason) {
            super(reason);
        }
    }
}
