package io.shoal.intake.infos;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The part of its torrent that a transfer takes.
 *
 * @param segments that hold bytes of wanted files; null: all of the torrent
 * @param bytes of these segments
 */
public record SegmentShare(@Nullable BitSet segments, long bytes) {
    /** The share of a transfer whose torrent is not known yet. */
    public static final SegmentShare UNKNOWN = new SegmentShare(null, 0);
}
