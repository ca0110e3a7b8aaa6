package io.shoal.intake.torrents;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The lengths of a torrent's segments, of which only those shorter than 16 MiB are written down: at most one for each file.
 * Enough to count progress in bytes without the info dictionary. Immutable.
 */
public final class SegmentLengths {
    private final int[] shorter;
    private final int[] lengths;

    private SegmentLengths(int[] shorter, int[] lengths) {
        this.shorter = shorter;
        this.lengths = lengths;
    }

    /** The lengths by {@code geometry}. */
    public static SegmentLengths of(Geometry geometry) {
        IntBuffer pairs = IntBuffer.allocate(2 * geometry.files());
        geometry.forEachShortSegment((segment, length) -> pairs.put(segment).put(length));
        return of(pairs.flip());
    }

    /** Reads what {@link #encoded} wrote. */
    static SegmentLengths decode(byte[] encoded) {
        return of(ByteBuffer.wrap(encoded).asIntBuffer());
    }

    private static SegmentLengths of(IntBuffer pairs) {
        int[] shorter = new int[pairs.remaining() / 2];
        int[] lengths = new int[shorter.length];
        for (int i = 0; i < shorter.length; i++) {
            shorter[i] = pairs.get();
            lengths[i] = pairs.get();
        }
        return new SegmentLengths(shorter, lengths);
    }

    /** Pairs of a segment's number and its length, four bytes each. */
    byte[] encoded() {
        ByteBuffer pairs = ByteBuffer.allocate(2 * Integer.BYTES * shorter.length);
        for (int i = 0; i < shorter.length; i++) {
            pairs.putInt(shorter[i]).putInt(lengths[i]);
        }
        return pairs.array();
    }

    /** Bytes of {@code segments}. */
    public long bytesOf(BitSet segments) {
        long bytes = (long) segments.cardinality() * Segment.MAX_LENGTH;
        for (int i = 0; i < shorter.length; i++) {
            if (segments.get(shorter[i])) {
                bytes -= Segment.MAX_LENGTH - lengths[i];
            }
        }
        return bytes;
    }

    /** About how many bytes of memory it takes. */
    int weight() {
        return 2 * Integer.BYTES * shorter.length + 100;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SegmentLengths other
                && Arrays.equals(shorter, other.shorter)
                && Arrays.equals(lengths, other.lengths);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shorter) + Arrays.hashCode(lengths);
    }
}
