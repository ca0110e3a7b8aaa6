package io.shoal.bittorrent;

/** The number of a file in its torrent, from 0, pad files counted. */
public record FileIndex(int value) implements Comparable<FileIndex> {
    public FileIndex {
        if (value < 0) {
            throw new IllegalArgumentException("negative file index " + value);
        }
    }

    @Override
    public int compareTo(FileIndex other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
