package io.shoal.bittorrent;

/** The number of a segment, the unit of storing, in its torrent, from 0. */
public record SegmentIndex(int value) implements Comparable<SegmentIndex> {
    public SegmentIndex {
        if (value < 0) {
            throw new IllegalArgumentException("negative segment index " + value);
        }
    }

    @Override
    public int compareTo(SegmentIndex other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
