package io.shoal.local.world;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** Looks into the bundled S3 server's folder: which objects are there, whoever knows of them. */
public final class StoredSegments {
    private StoredSegments() {}

    /** Indexes of the segments of the only torrent that has any. */
    public static BitSet in(Path platform) throws IOException {
        return indexes(platform, ".*/s/[0-9a-f]{8}", 16);
    }

    /** Indexes of the assembled files of the only torrent that has any. */
    public static BitSet assembledIn(Path platform) throws IOException {
        return indexes(platform, ".*/f/[0-9]+", 10);
    }

    /** Pieces that these segments hold, of a torrent in whose segments {@code perSegment} whole pieces lie each. */
    public static BitSet piecesOf(BitSet segments, int perSegment) {
        BitSet pieces = new BitSet();
        segments.stream().forEach(segment -> pieces.set(segment * perSegment, (segment + 1) * perSegment));
        return pieces;
    }

    /** Pieces that the spills hold, of the only torrent that has any; it is one as in {@link #piecesOf}. */
    public static BitSet spilledPiecesIn(Path platform, int perSegment) throws IOException {
        BitSet pieces = new BitSet();
        for (Path spill : objects(platform, ".*/spill/[0-9a-f]{8}/[^/]+")) {
            int segment =
                    Integer.parseInt(spill.getName(spill.getNameCount() - 2).toString(), 16);
            try (InputStream in = Files.newInputStream(spill)) {
                BitSet.valueOf(in.readNBytes(perSegment / 8)).stream()
                        .forEach(bit -> pieces.set(segment * perSegment + bit));
            }
        }
        return pieces;
    }

    /** Whether no object of any torrent is there. */
    public static boolean nothingIn(Path platform) throws IOException {
        try {
            return objects(platform, ".*").isEmpty();
        } catch (NoSuchFileException | UncheckedIOException e) {
            return false; // a folder went while we looked
        }
    }

    private static BitSet indexes(Path platform, String pattern, int radix) throws IOException {
        BitSet found = new BitSet();
        for (Path object : objects(platform, pattern)) {
            found.set(Integer.parseInt(object.getFileName().toString(), radix));
        }
        return found;
    }

    private static List<Path> objects(Path platform, String pattern) throws IOException {
        Path torrents = platform.resolve("s3/objects/shoal/torrents");
        if (!Files.isDirectory(torrents)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(torrents)) {
            return all.filter(Files::isRegularFile)
                    .filter(path -> path.toString().matches(pattern))
                    .toList();
        }
    }
}
