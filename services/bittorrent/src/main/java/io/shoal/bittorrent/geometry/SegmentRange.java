package io.shoal.bittorrent.geometry;

/**
 * Consecutive segments.
 *
 * @param from the first
 * @param to one past the last; {@code from} when there is none
 */
public record SegmentRange(int from, int to) {
    /** No segment. */
    public static final SegmentRange EMPTY = new SegmentRange(0, 0);

    public SegmentRange {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("no range of segments: " + from + " to " + to);
        }
    }

    /** How many they are. */
    public int count() {
        return to - from;
    }
}
