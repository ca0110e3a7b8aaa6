package io.shoal.simulation;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A torrent of random bytes: what its swarm has, and what the store may have of it for one owner. */
final class TorrentContent {
    final Info info;
    final Geometry geometry;
    final byte[] bytes;
    final String tracker;
    final ObjectKeys keys;

    private TorrentContent(Info info, byte[] bytes, String tracker, ObjectKeys keys) {
        this.info = info;
        this.geometry = Geometry.of(info);
        this.bytes = bytes;
        this.tracker = tracker;
        this.keys = keys;
    }

    /**
     * Files of these lengths, in this order; a negative length is that of a pad file (BEP 47), whose bytes are zeros.
     *
     * @param number of the torrent in its world
     */
    static TorrentContent of(int number, SplittableRandom random, int pieceLength, long... lengths) {
        int total = Math.toIntExact(LongStream.of(lengths).map(Math::abs).sum());
        byte[] all = new byte[total];
        random.nextBytes(all);
        List<Object> files = new ArrayList<>();
        int at = 0;
        for (long length : lengths) {
            int end = at + (int) Math.abs(length);
            Map<String, Object> file = new TreeMap<>();
            file.put("length", end - at);
            file.put("path", List.of("file-%04d".formatted(files.size())));
            if (length < 0) {
                Arrays.fill(all, at, end, (byte) 0);
                file.put("attr", "p");
            }
            files.add(file);
            at = end;
        }
        Map<String, Object> info = new TreeMap<>(Map.of(
                "name", "content", "piece length", pieceLength, "pieces", hashes(all, pieceLength), "files", files));
        try {
            String tracker = "http://tracker.simulated/" + number + "/announce";
            Info parsed = Info.parse(BencodeEncoder.encode(info));
            return new TorrentContent(parsed, all, tracker, keys(parsed, "owner"));
        } catch (MetainfoException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ObjectKeys keys(Info info, String owner) {
        return new ObjectKeys(TorrentId.of(owner, info.hash()), new Generation(1));
    }

    private static byte[] hashes(byte[] all, int pieceLength) {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        MessageDigest sha1 = Sha1.digest();
        for (int from = 0; from < all.length; from += pieceLength) {
            sha1.update(all, from, Math.min(pieceLength, all.length - from));
            hashes.writeBytes(sha1.digest());
        }
        return hashes.toByteArray();
    }

    /** The same torrent in the library of another owner. */
    TorrentContent ownedBy(String owner) {
        return new TorrentContent(info, bytes, tracker, keys(info, owner));
    }

    /** The same torrent, which names this tracker. */
    TorrentContent trackedBy(String url) {
        return new TorrentContent(info, bytes, url, keys);
    }

    int segments() {
        return geometry.segments().size();
    }

    /** Returns the bytes that the object of {@code segment} must have. */
    byte[] segment(int segment) {
        byte[] stored = new byte[geometry.segments().get(segment).length()];
        PieceRange pieces = geometry.piecesOf(new SegmentIndex(segment));
        for (int piece = pieces.from(); piece < pieces.to(); piece++) {
            copyPiece(piece, segment, stored, -1);
        }
        return stored;
    }

    /** Copies the bytes that {@code piece} has in {@code segment}; returns how many. */
    private int copyPiece(int piece, int segment, byte[] into, int position) {
        int[] copied = {0};
        long from = geometry.pieces().offset(piece);
        geometry.forEachRun(from, geometry.pieces().length(piece), (at, inSegment, offset, length) -> {
            if (at == segment) {
                int to = position < 0 ? inSegment : position + copied[0];
                System.arraycopy(bytes, (int) offset, into, to, length);
                copied[0] += length;
            }
        });
        return copied[0];
    }

    /** Whether {@code object} may be what is stored under {@code key}, which belongs to this torrent. */
    boolean mayBe(String key, byte[] object) {
        if (key.startsWith(keys.segmentsPrefix())) {
            int segment = Integer.parseInt(key.substring(keys.segmentsPrefix().length()), 16);
            return Arrays.equals(object, segment(segment));
        }
        if (key.startsWith(keys.spillsPrefix())) {
            String name = key.substring(keys.spillsPrefix().length());
            return isSpill(Integer.parseInt(name.substring(0, name.indexOf('/')), 16), object);
        }
        return key.equals(keys.info()) && Arrays.equals(object, info.bytes());
    }

    /** A bitmap of the segment's pieces, then the bytes of those that are set. */
    private boolean isSpill(int segment, byte[] object) {
        PieceRange pieces = geometry.piecesOf(new SegmentIndex(segment));
        int header = (pieces.count() + 7) / 8;
        BitSet spilled = BitSet.valueOf(Arrays.copyOf(object, header));
        byte[] expected = new byte[header + geometry.segments().get(segment).length()];
        System.arraycopy(object, 0, expected, 0, header);
        int end = header;
        for (int bit = spilled.nextSetBit(0); bit >= 0; bit = spilled.nextSetBit(bit + 1)) {
            end += copyPiece(pieces.from() + bit, segment, expected, end);
        }
        return Arrays.equals(object, Arrays.copyOf(expected, end));
    }
}
