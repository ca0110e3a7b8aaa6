package io.shoal.bittorrent.geometry;

import io.shoal.bittorrent.SegmentIndex;

/**
 * Up to 16 MiB of file bytes that are stored as one object: a part of one large file, or a pack of whole small ones.
 *
 * @param index its number in the torrent
 * @param offset of its first byte in the torrent
 * @param end one past its last byte in the torrent; pad files may lie between, so it can be more than
 *     {@code offset + length}
 * @param length bytes that are stored
 */
public record Segment(SegmentIndex index, long offset, long end, int length) {
    /** Bytes of a full segment. */
    public static final int MAX_LENGTH = 16 << 20;
}
