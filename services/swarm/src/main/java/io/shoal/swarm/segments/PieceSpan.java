package io.shoal.swarm.segments;

import io.shoal.bittorrent.geometry.Geometry;

/**
 * The bytes of one piece in one segment. They are contiguous there: only pad files separate them in the torrent, and
 * those are not stored.
 *
 * @param offset of the first, in the segment
 * @param length how many; 0 if the piece has none there
 */
record PieceSpan(int offset, int length) {

    static PieceSpan of(Geometry geometry, int piece, int segment) {
        int[] found = {0, 0};
        geometry.forEachRun(
                geometry.pieces().offset(piece), geometry.pieces().length(piece), (at, inSegment, offset, length) -> {
                    if (at == segment) {
                        found[0] = found[1] == 0 ? inSegment : found[0];
                        found[1] += length;
                    }
                });
        return new PieceSpan(found[0], found[1]);
    }
}
