package io.shoal.bittorrent.metainfo;

import java.util.BitSet;
import java.util.Objects;

/** The lengths of a torrent's files, in their order, and which of them are pad files: 8 bytes a file. Immutable. */
public final class FileSizes {
    private final long[] offsets;
    private final BitSet pads;

    /**
     * @param offsets where each file begins in the torrent, and where the last one ends
     * @param pads numbers of the pad files
     */
    FileSizes(long[] offsets, BitSet pads) {
        this.offsets = offsets;
        this.pads = pads;
    }

    /** Number of files, pad files counted. */
    public int count() {
        return offsets.length - 1;
    }

    /** Where {@code file} begins in the torrent, pad files counted. */
    public long offset(int file) {
        return offsets[Objects.checkIndex(file, count())];
    }

    /** Bytes of {@code file}. */
    public long length(int file) {
        return offsets[Objects.checkIndex(file, count()) + 1] - offsets[file];
    }

    /** Whether {@code file} is a pad file. */
    public boolean isPad(int file) {
        return pads.get(file);
    }

    /** Bytes of all files, pad files counted. */
    public long total() {
        return offsets[count()];
    }

    /** Bytes of all files, pad files left out. */
    public long totalWithoutPads() {
        return total() - pads.stream().mapToLong(this::length).sum();
    }

    /** Returns the first file from {@code file} on that is no pad file, or {@link #count()}. */
    public int nextWithoutPads(int file) {
        return Math.min(pads.nextClearBit(file), count());
    }

    /** About how many bytes of memory it takes. */
    public int weight() {
        return Long.BYTES * offsets.length + pads.size() / Byte.SIZE;
    }
}
