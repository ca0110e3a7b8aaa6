package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

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
