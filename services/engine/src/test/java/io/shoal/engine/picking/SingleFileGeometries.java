package io.shoal.engine.picking;

import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import java.util.Map;

/** Geometries of torrents with one file. */
final class SingleFileGeometries {
    static final int KIB = 1 << 10;
    static final int MIB = 1 << 20;

    private SingleFileGeometries() {}

    static Geometry of(long length, int pieceLength) {
        long pieces = (length + pieceLength - 1) / pieceLength;
        try {
            return Geometry.of(Info.parse(BencodeEncoder.encode(Map.of(
                    "name",
                    "a",
                    "length",
                    length,
                    "piece length",
                    pieceLength,
                    "pieces",
                    new byte[(int) (20 * pieces)]))));
        } catch (MetainfoException e) {
            throw new IllegalStateException(e);
        }
    }
}
