package io.shoal.local.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
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

    private static BitSet indexes(Path platform, String pattern, int radix) throws IOException {
        BitSet found = new BitSet();
        try (Stream<Path> all = Files.walk(platform.resolve("s3/objects/shoal/torrents"))) {
            all.filter(path -> path.toString().matches(pattern))
                    .map(path -> path.getFileName().toString())
                    .forEach(name -> found.set(Integer.parseInt(name, radix)));
        }
        return found;
    }
}
