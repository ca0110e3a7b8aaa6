package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A torrent of random bytes, and the content that the store must have in the end. */
public final class RandomTorrent {
    public static final int MIB = 1 << 20;

    public final Info info;
    public final Geometry geometry;
    public final ObjectKeys keys;

    /** All bytes of the torrent, files end to end. */
    public final byte[] bytes;

    private RandomTorrent(Info info, byte[] bytes) {
        this.info = info;
        this.geometry = Geometry.of(info);
        this.bytes = bytes;
        this.keys = new ObjectKeys(TorrentId.of("tenant", info.hash()), new Generation(1));
    }

    /** Files of these lengths, in this order. */
    public static RandomTorrent of(int pieceLength, int... lengths) {
        MetainfoBuilder builder = MetainfoBuilder.named("content").pieceLength(pieceLength);
        int total = 0;
        for (int length : lengths) {
            total += length;
        }
        byte[] all = new byte[total];
        new Random(total).nextBytes(all);
        int at = 0;
        for (int i = 0; i < lengths.length; i++) {
            byte[] file = Arrays.copyOfRange(all, at, at + lengths[i]);
            builder.add(List.of("file-%04d".formatted(i)), file);
            at += lengths[i];
        }
        try {
            return new RandomTorrent(builder.build().info(), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, where a negative length is that of a pad file (BEP 47), whose bytes are zeros. */
    public static RandomTorrent withPads(int pieceLength, int... lengths) {
        int total = IntStream.of(lengths).map(Math::abs).sum();
        byte[] all = new byte[total];
        new Random(total).nextBytes(all);
        List<Object> files = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            int end = at + Math.abs(length);
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
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        for (int from = 0; from < total; from += pieceLength) {
            MessageDigest sha1 = Sha1.digest();
            sha1.update(all, from, Math.min(pieceLength, total - from));
            hashes.writeBytes(sha1.digest());
        }
        Map<String, Object> info = new TreeMap<>(
                Map.of("name", "content", "piece length", pieceLength, "pieces", hashes.toByteArray(), "files", files));
        try {
            return new RandomTorrent(Info.parse(BencodeEncoder.encode(info)), all);
        } catch (MetainfoException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public byte[] piece(int piece) {
        int from = (int) geometry.pieces().offset(piece);
        return Arrays.copyOfRange(bytes, from, from + geometry.pieces().length(piece));
    }

    public byte[] file(int index) {
        FileEntry file = info.files().get(index);
        return Arrays.copyOfRange(bytes, (int) file.offset(), (int) file.end());
    }

    /** The key and the bytes of one segment. */
    public Map.Entry<String, byte[]> segment(int segment) {
        byte[] stored = new byte[geometry.segments().get(segment).length()];
        geometry.forEachRun(0, bytes.length, (at, inSegment, offset, length) -> {
            if (at == segment) {
                System.arraycopy(bytes, (int) offset, stored, inSegment, length);
            }
        });
        return Map.entry(keys.segment(new SegmentIndex(segment)), stored);
    }

    /** Every segment by its key. */
    public Map<String, byte[]> segments() {
        Map<String, byte[]> all = new TreeMap<>();
        for (int i = 0; i < geometry.segments().size(); i++) {
            Map.Entry<String, byte[]> segment = segment(i);
            all.put(segment.getKey(), segment.getValue());
        }
        return all;
    }
}
