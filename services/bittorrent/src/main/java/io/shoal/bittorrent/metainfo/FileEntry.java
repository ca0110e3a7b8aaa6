package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.FileIndex;
import java.util.List;

/**
 * One file of a torrent.
 *
 * @param index its number, pad files counted
 * @param path its components as the torrent gives them, not yet fit for any file system or header; at least one
 * @param offset of its first byte in the torrent, pad files counted
 * @param length in bytes, from 0
 * @param pad whether it is a pad file (BEP 47): zeros that align the next one and are not stored
 */
public record FileEntry(FileIndex index, List<String> path, long offset, long length, boolean pad) {
    public FileEntry {
        path = List.copyOf(path);
    }

    /** One past the last byte, in the torrent. */
    public long end() {
        return offset + length;
    }
}
