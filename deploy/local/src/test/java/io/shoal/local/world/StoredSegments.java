package io.shoal.local.world;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        // Looked for twice: one that gets its name while we look is seen under neither.
        List<Path> first = objects(platform, ".*");
        return first.isEmpty() && objects(platform, ".*").isEmpty();
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
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(torrents, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().matches(pattern)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return goOnIfGone(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                return goOnIfGone(failure);
            }
        });
        return found;
    }

    /** Objects come and go while we look. */
    private static FileVisitResult goOnIfGone(@Nullable IOException failure) throws IOException {
        if (failure != null && !(failure instanceof NoSuchFileException)) {
            throw failure;
        }
        return FileVisitResult.CONTINUE;
    }
}
