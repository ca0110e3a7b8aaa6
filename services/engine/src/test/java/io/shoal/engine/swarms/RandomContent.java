package io.shoal.engine.swarms;

import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Random bytes that are the same for the same seed, and a torrent of them. */
final class RandomContent {
    private RandomContent() {}

    static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** A single-file torrent named {@code content.bin}. */
    static Info torrent(byte[] content, int pieceLength, boolean isPrivate) {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        for (int at = 0; at < content.length; at += pieceLength) {
            hashes.writeBytes(Sha1.of(Arrays.copyOfRange(content, at, Math.min(content.length, at + pieceLength))));
        }
        byte[] info = BencodeEncoder.encode(Map.of(
                "name",
                "content.bin",
                "length",
                content.length,
                "piece length",
                pieceLength,
                "pieces",
                hashes.toByteArray(),
                "private",
                isPrivate ? 1 : 0));
        try {
            return Info.parse(info);
        } catch (MetainfoException e) {
            throw new AssertionError(e);
        }
    }
}
