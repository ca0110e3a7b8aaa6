package io.shoal.bittorrent.geometry;

/**
 * Consecutive pieces.
 *
 * @param from the first
 * @param to one past the last
 */
public record PieceRange(int from, int to) {
    public PieceRange {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("no range of pieces: " + from + " to " + to);
        }
    }

    /** How many they are. */
    public int count() {
        return to - from;
    }
}
