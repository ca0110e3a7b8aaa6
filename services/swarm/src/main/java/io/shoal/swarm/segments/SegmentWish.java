package io.shoal.swarm.segments;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.contracts.records.Wanted;
import java.util.BitSet;

/** The priority of each segment of a slice: that of the most wanted of its files. Immutable. */
public final class SegmentWish {
    private final byte[] priorities;
    private final BitSet wanted = new BitSet();

    private SegmentWish(byte[] priorities) {
        this.priorities = priorities;
        for (int segment = 0; segment < priorities.length; segment++) {
            if (priorities[segment] > 0) {
                wanted.set(segment);
            }
        }
    }

    /**
     * Returns the wish for segments {@code first} to {@code last}, both included; no other segment is wanted.
     *
     * @param files number of files of the torrent
     */
    public static SegmentWish of(Geometry geometry, int files, Wanted wish, int first, int last) {
        byte[] priorities = new byte[geometry.segments().size()];
        for (int i = 0; i < files; i++) {
            SegmentRange segments = geometry.segmentsOf(new FileIndex(i));
            byte priority = priority(wish.of(i));
            for (int segment = Math.max(first, segments.from());
                    segment < Math.min(last + 1L, segments.to());
                    segment++) {
                priorities[segment] = (byte) Math.max(priorities[segment], priority);
            }
        }
        return new SegmentWish(priorities);
    }

    /** Maps to the engine's scale from 1 to 7; the highest values are left for pieces that a reader waits for. */
    private static byte priority(Wanted.Priority priority) {
        return switch (priority) {
            case SKIP -> 0;
            case LOW -> 1;
            case NORMAL -> 3;
            case HIGH -> 5;
        };
    }

    /** Returns the priority of {@code segment} on the scale of a piece's wish; 0 if it is not wanted. */
    int of(int segment) {
        return priorities[segment];
    }

    boolean wants(int segment) {
        return priorities[segment] > 0;
    }

    /** Whether {@code stored} has all that is wanted. */
    public boolean isMetBy(BitSet stored) {
        BitSet missing = (BitSet) wanted.clone();
        missing.andNot(stored);
        return missing.isEmpty();
    }
}
