package io.shoal.local.torrents;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Files on this machine that make up a torrent.
 *
 * @param root the one file, or the folder of all of them, named as the torrent
 * @param files in the order of the torrent; symbolic links are followed
 */
public record Content(Path root, List<Path> files) {
    public Content {
        files = List.copyOf(files);
    }

    /** A file, or all files in a folder in the order of their paths. */
    public static Content of(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return new Content(root, List.of(root));
        }
        try (Stream<Path> all = Files.walk(root)) {
            return new Content(root, all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    /** Its name in the swarm. */
    public String name() {
        return root.toAbsolutePath().getFileName().toString();
    }

    /** The folder that the root lies in. */
    public Path folder() {
        Path folder = root.toAbsolutePath().getParent();
        return folder == null ? root.toAbsolutePath() : folder;
    }

    /** Bytes of all files. */
    public long size() throws IOException {
        long size = 0;
        for (Path file : files) {
            size += Files.size(file);
        }
        return size;
    }

    /** Where {@code file}, one of {@link #files}, lies when the torrent is downloaded into {@code folder}. */
    public Path copyOf(Path file, Path folder) {
        Path copy = folder.resolve(name());
        return file.equals(root) ? copy : copy.resolve(root.relativize(file));
    }

    /**
     * A torrent of it; reads all of it.
     *
     * @param pieceLength in bytes
     * @param trackers announce URLs, each a tier of its own
     */
    public Metainfo torrent(int pieceLength, List<String> trackers) throws IOException {
        MetainfoBuilder builder;
        if (Files.isDirectory(root)) {
            builder = MetainfoBuilder.named(name());
            for (Path file : files) {
                builder.add(
                        StreamSupport.stream(root.relativize(file).spliterator(), false)
                                .map(Path::toString)
                                .toList(),
                        file);
            }
        } else {
            builder = MetainfoBuilder.ofFile(root);
        }
        trackers.forEach(tracker -> builder.trackers(List.of(tracker)));
        return builder.pieceLength(pieceLength).build();
    }
}
