package io.shoal.storage.catalog;

import io.shoal.bittorrent.geometry.FilePlace;
import java.util.BitSet;

/**
 * Where the files of a torrent lie that can be made one object: what must be known to tell whether a new segment completes one. The
 * catalog keeps it with the torrent, so that no info dictionary is read for it. Immutable.
 */
public final class LargeFiles {
    private static final int END = Integer.MAX_VALUE;

    private final BitSet members;
    private final BitSet firsts;

    private LargeFiles(BitSet members, BitSet firsts) {
        this.members = members;
        this.firsts = firsts;
    }

    /** Returns the large files of {@code layout}. */
    public static LargeFiles of(SegmentLayout layout) {
        BitSet members = new BitSet();
        BitSet firsts = new BitSet();
        layout.assemblable().map(SegmentLayout.Assemblable::place).forEach((FilePlace.Large place) -> {
            int first = place.first().value();
            members.set(first, first + place.count());
            firsts.set(first);
        });
        return new LargeFiles(members, firsts);
    }

    /** Reads what {@link #bytes} wrote. */
    static LargeFiles parse(byte[] bytes) {
        BitSet members = new BitSet();
        BitSet firsts = new BitSet();
        BitSet.valueOf(bytes).stream().forEach(bit -> (bit % 2 == 0 ? members : firsts).set(bit / 2));
        return new LargeFiles(members, firsts);
    }

    /** Returns two bits a segment, from the lowest: whether it belongs to such a file, and whether it is the first of one. */
    byte[] bytes() {
        BitSet bits = new BitSet();
        members.stream().forEach(segment -> bits.set(2 * segment));
        firsts.stream().forEach(segment -> bits.set(2 * segment + 1));
        return bits.toByteArray();
    }

    /** Returns whether one of the files is complete in {@code after} and was not in {@code before}. Looks at each segment once. */
    boolean isOneCompleted(BitSet before, BitSet after) {
        BitSet missing = (BitSet) members.clone();
        missing.andNot(after);
        BitSet added = (BitSet) members.clone();
        added.and(after);
        added.andNot(before);
        int gap = -1;
        for (int segment = added.nextSetBit(0); segment >= 0; ) {
            int first = firsts.previousSetBit(segment);
            int next = orEnd(firsts.nextSetBit(segment + 1));
            gap = gap < first ? orEnd(missing.nextSetBit(first)) : gap;
            if (gap >= next) {
                return true;
            }
            segment = next == END ? -1 : added.nextSetBit(next);
        }
        return false;
    }

    private static int orEnd(int segment) {
        return segment < 0 ? END : segment;
    }
}
