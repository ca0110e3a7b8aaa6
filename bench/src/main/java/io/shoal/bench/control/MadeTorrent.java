package io.shoal.bench.control;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A torrent of 160 MiB whose content does not exist: sixteen files, each small, and each a segment of its own. None is ever assembled.
 *
 * @param info its info dictionary
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MadeTorrent(byte[] info) {
    /** How many it is stored in. */
    static final int SEGMENTS = 16;

    private static final int PIECE = 1 << 20;
    private static final int PIECES_A_FILE = 10;
    private static final int HASH_BYTES = 20;

    /** The torrent of this number; another one in each run of the bench would do as well. */
    static MadeTorrent number(long number) {
        byte[] hashes = new byte[SEGMENTS * PIECES_A_FILE * HASH_BYTES];
        new Random(number).nextBytes(hashes);
        List<Map<String, Object>> files = IntStream.range(0, SEGMENTS)
                .mapToObj(file -> Map.<String, Object>of(
                        "length", PIECES_A_FILE * PIECE, "path", List.of("part-" + file + ".bin")))
                .toList();
        return new MadeTorrent(BencodeEncoder.encode(
                Map.of("name", "bench " + number, "piece length", PIECE, "pieces", hashes, "files", files)));
    }

    /** Its .torrent. */
    byte[] metainfo() {
        return BencodeEncoder.encode(
                Map.of("announce", "http://tracker.example/announce", "info", new BencodeEncoder.Encoded(info)));
    }

    InfoHash infoHash() {
        return InfoHash.ofInfo(info);
    }
}
