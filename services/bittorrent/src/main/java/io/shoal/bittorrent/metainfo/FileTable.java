package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.FileIndex;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The files of a torrent, in 12 bytes each beside their bencoded paths: an entry, and the text of its path, is made only when it
 * is asked for. A list of entries would weigh up to ten times the info dictionary. Immutable.
 */
public final class FileTable extends AbstractList<FileEntry> implements RandomAccess {
    private final long[] offsets;
    private final BitSet pads;
    private final byte[] bytes;
    private final int[] paths;

    /**
     * @param offsets where each file begins in the torrent, and where the last one ends
     * @param bytes hold each path as a valid bencoded list of strings; kept
     * @param paths where each file's path begins in {@code bytes}
     */
    FileTable(long[] offsets, BitSet pads, byte[] bytes, int[] paths) {
        this.offsets = offsets;
        this.pads = pads;
        this.bytes = bytes;
        this.paths = paths;
    }

    /** The table of a torrent that is one file. */
    static FileTable single(byte[] name, long length) {
        byte[] head = ("l" + name.length + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(head, head.length + name.length + 1);
        System.arraycopy(name, 0, path, head.length, name.length);
        path[path.length - 1] = 'e';
        return new FileTable(new long[] {0, length}, new BitSet(), path, new int[] {0});
    }

    @Override
    public int size() {
        return paths.length;
    }

    @Override
    public FileEntry get(int index) {
        Objects.checkIndex(index, paths.length);
        return new FileEntry(new FileIndex(index), List.of(path(index)), offset(index), length(index), isPad(index));
    }

    /** Where {@code file} begins in the torrent, pad files counted. */
    public long offset(int file) {
        return offsets[Objects.checkIndex(file, paths.length)];
    }

    /** Bytes of {@code file}. */
    public long length(int file) {
        return offsets[Objects.checkIndex(file, paths.length) + 1] - offsets[file];
    }

    /** Whether {@code file} is a pad file. */
    public boolean isPad(int file) {
        return pads.get(file);
    }

    /** Bytes of all files, pad files counted. */
    public long total() {
        return offsets[paths.length];
    }

    /** Bytes of all files, pad files left out. */
    public long totalWithoutPads() {
        return total() - pads.stream().mapToLong(this::length).sum();
    }

    /** Returns the first file from {@code file} on that is no pad file, or {@link #size()}. */
    public int nextWithoutPads(int file) {
        return Math.min(pads.nextClearBit(file), paths.length);
    }

    /** Number of files, pad files left out. */
    public int countWithoutPads() {
        return paths.length - pads.cardinality();
    }

    /** Returns the same table over a copy of the paths alone, so that it does not keep the info dictionary in memory. */
    public FileTable compacted() {
        int[] ends = new int[paths.length];
        int length = 0;
        for (int file = 0; file < paths.length; file++) {
            ends[file] = endOfList(paths[file]);
            length += ends[file] - paths[file];
        }
        byte[] copy = new byte[length];
        int[] positions = new int[paths.length];
        int at = 0;
        for (int file = 0; file < paths.length; file++) {
            positions[file] = at;
            System.arraycopy(bytes, paths[file], copy, at, ends[file] - paths[file]);
            at += ends[file] - paths[file];
        }
        return new FileTable(offsets, pads, copy, positions);
    }

    /** About how many bytes of memory the table takes. */
    public int weight() {
        return bytes.length + (Long.BYTES + Integer.BYTES) * paths.length + pads.size() / Byte.SIZE;
    }

    private String[] path(int file) {
        String[] components = new String[4];
        int count = 0;
        for (int at = paths[file] + 1; bytes[at] != 'e'; ) {
            int colon = at;
            int length = 0;
            for (; bytes[colon] != ':'; colon++) {
                length = length * 10 + bytes[colon] - '0';
            }
            if (count == components.length) {
                components = Arrays.copyOf(components, 2 * count);
            }
            components[count++] = new String(bytes, colon + 1, length, StandardCharsets.UTF_8);
            at = colon + 1 + length;
        }
        return Arrays.copyOf(components, count);
    }

    private int endOfList(int position) {
        int at = position + 1;
        while (bytes[at] != 'e') {
            int length = 0;
            for (; bytes[at] != ':'; at++) {
                length = length * 10 + bytes[at] - '0';
            }
            at += 1 + length;
        }
        return at + 1;
    }
}
