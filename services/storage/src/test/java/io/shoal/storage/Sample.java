package io.shoal.storage;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A torrent with content that only it has, at the beginning of a life that only it has. */
public record Sample(TorrentId torrent, Generation generation, Info info, Geometry geometry, List<byte[]> contents) {
    private static final AtomicLong LIVES = new AtomicLong(System.currentTimeMillis());

    /** Files of these lengths, named after their numbers. */
    public static Sample of(int... lengths) throws IOException {
        return of(false, lengths);
    }

    /** As {@link #of}, with pad files between them. */
    public static Sample aligned(int... lengths) throws IOException {
        return of(true, lengths);
    }

    private static Sample of(boolean aligned, int... lengths) throws IOException {
        long life = LIVES.addAndGet(10);
        Random random = new Random(life);
        MetainfoBuilder builder = MetainfoBuilder.named("sample " + life).pieceLength(1 << 18);
        if (aligned) {
            builder.aligned();
        }
        List<byte[]> given = new ArrayList<>();
        for (int length : lengths) {
            byte[] content = new byte[length];
            random.nextBytes(content);
            builder.add(List.of("file " + given.size()), content);
            given.add(content);
        }
        Info info = builder.build().info();
        List<byte[]> contents = new ArrayList<>();
        for (FileEntry file : info.files()) {
            contents.add(file.pad() ? new byte[(int) file.length()] : given.removeFirst());
        }
        return new Sample(TorrentId.of("sample", info.hash()), new Generation(life), info, Geometry.of(info), contents);
    }

    /** The same torrent in its next life. */
    public Sample reborn() {
        return new Sample(torrent, new Generation(generation.value() + 1), info, geometry, contents);
    }

    public ObjectKeys keys() {
        return new ObjectKeys(torrent, generation);
    }

    byte[] content(int file) {
        return contents.get(file);
    }

    /** How many segments it has. */
    public int segments() {
        return geometry.segments().size();
    }

    /** The bytes of one segment. */
    public byte[] segment(int index) {
        Segment segment = geometry.segments().get(index);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(segment.length());
        for (FileEntry file : info.files()) {
            long from = Math.max(file.offset(), segment.offset());
            long to = Math.min(file.end(), segment.end());
            boolean inside = geometry.segmentsOf(file.index()).from() <= index
                    && geometry.segmentsOf(file.index()).to() > index;
            if (inside && from < to) {
                bytes.writeBytes(Arrays.copyOfRange(
                        content(file.index().value()), (int) (from - file.offset()), (int) (to - file.offset())));
            }
        }
        return bytes.toByteArray();
    }
}
