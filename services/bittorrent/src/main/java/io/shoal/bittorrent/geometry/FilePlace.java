package io.shoal.bittorrent.geometry;

import io.shoal.bittorrent.SegmentIndex;

/** Where the bytes of one file are stored. */
public sealed interface FilePlace {
    /** Nowhere: it is empty or a pad file. */
    record Nowhere() implements FilePlace {}

    /**
     * A small file: a range of its pack.
     *
     * @param segment the pack
     * @param offset of its first byte in the pack
     * @param length its bytes, at least 1
     */
    record Packed(SegmentIndex segment, int offset, int length) implements FilePlace {}

    /**
     * A large file: full segments of its own, the last one perhaps shorter.
     *
     * @param first its first segment
     * @param count its segments, at least 1
     * @param length its bytes
     */
    record Large(SegmentIndex first, int count, long length) implements FilePlace {}
}
