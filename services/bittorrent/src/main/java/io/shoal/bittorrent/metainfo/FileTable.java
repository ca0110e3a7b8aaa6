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
 * The files of a torrent, in 12 bytes each beside their bencoded paths: an entry, and the text of its path, is created
 * only on access. A list of entries would weigh up to ten times the info dictionary. Immutable.
 */
public final class FileTable extends AbstractList<FileEntry> implements RandomAccess {
    private final FileSizes sizes;
    private final byte[] bytes;
    private final int[] paths;

    /**
     * @param bytes hold each path as a valid bencoded list of strings; kept
     * @param paths where each file's path begins in {@code bytes}
     */
    FileTable(FileSizes sizes, byte[] bytes, int[] paths) {
        this.sizes = sizes;
        this.bytes = bytes;
        this.paths = paths;
    }

    /** The table of a torrent that is one file. */
    static FileTable single(byte[] name, long length) {
        byte[] head = ("l" + name.length + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(head, head.length + name.length + 1);
        System.arraycopy(name, 0, path, head.length, name.length);
        path[path.length - 1] = 'e';
        return new FileTable(new FileSizes(new long[] {0, length}, new BitSet()), path, new int[] {0});
    }

    @Override
    public int size() {
        return paths.length;
    }

    @Override
    public FileEntry get(int index) {
        Objects.checkIndex(index, paths.length);
        return new FileEntry(
                new FileIndex(index),
                List.of(path(index)),
                sizes.offset(index),
                sizes.length(index),
                sizes.isPad(index));
    }

    /** The lengths of the files, without their paths. */
    public FileSizes sizes() {
        return sizes;
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
        return new FileTable(sizes, copy, positions);
    }

    /** About how many bytes of memory the table takes. */
    public int weight() {
        return bytes.length + Integer.BYTES * paths.length + sizes.weight();
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
