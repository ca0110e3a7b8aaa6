package io.shoal.storage.catalog;

import io.shoal.bittorrent.geometry.FilePlace;
import java.util.BitSet;

/**
 * Where the files of a torrent lie that can be made one object: what must be known to tell whether a new segment completes one. The
 * catalog keeps it with the torrent, so that no info dictionary is read for it. Immutable.
 */
public final class LargeFiles {
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

    /** Returns whether one of the files is complete in {@code after} and was not in {@code before}. */
    boolean isOneCompleted(BitSet before, BitSet after) {
        for (int first = firsts.nextSetBit(0); first >= 0; first = firsts.nextSetBit(first + 1)) {
            int next = firsts.nextSetBit(first + 1);
            int gap = members.nextClearBit(first);
            int end = next < 0 ? gap : Math.min(next, gap);
            if (after.nextClearBit(first) >= end && before.nextClearBit(first) < end) {
                return true;
            }
        }
        return false;
    }
}
