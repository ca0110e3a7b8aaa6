package io.shoal.bittorrent;

/** The number of a piece in its torrent, from 0. Only the torrent's geometry knows whether it is in range. */
public record PieceIndex(int value) implements Comparable<PieceIndex> {
    public PieceIndex {
        if (value < 0) {
            throw new IllegalArgumentException("negative piece index " + value);
        }
    }

    @Override
    public int compareTo(PieceIndex other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
