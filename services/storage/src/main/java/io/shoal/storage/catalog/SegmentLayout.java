package io.shoal.storage.catalog;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.bittorrent.metainfo.FileSizes;
import io.shoal.bittorrent.metainfo.Info;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where the files of one torrent lie in its segments: what this service needs of the metainfo, without names and hashes, in arrays
 * of numbers.
 */
public final class SegmentLayout {
    /** Parts of a multipart upload: the protocol's limit, so larger files stay in segments. */
    private static final int MOST_PARTS = 10_000;

    /** A large file that can be made one object. */
    public record Assemblable(FileIndex file, FilePlace.Large place) {}

    /**
     * A file that a link can be for.
     *
     * @param wholeSegment whether it is small and its pack is exactly this file
     */
    public record Content(FileIndex file, long length, FilePlace place, boolean wholeSegment) {}

    private final FileSizes files;
    private final Geometry geometry;

    private SegmentLayout(FileSizes files, Geometry geometry) {
        this.files = files;
        this.geometry = geometry;
    }

    /** The layout of {@code info}, of which it keeps nothing but numbers. */
    public static SegmentLayout of(Info info) {
        FileSizes files = info.files().sizes();
        return new SegmentLayout(files, Geometry.of(info.pieces(), files));
    }

    /** The file of this number; empty for a pad file and for one that the torrent does not have. */
    public Optional<Content> file(FileIndex file) {
        int index = file.value();
        if (index >= files.count() || files.isPad(index)) {
            return Optional.empty();
        }
        FilePlace place = geometry.place(file);
        boolean wholeSegment = place instanceof FilePlace.Packed packed
                && packed.length()
                        == geometry.segments().get(packed.segment().value()).length();
        return Optional.of(new Content(file, files.length(index), place, wholeSegment));
    }

    /** The place of a large file that can be made one object. */
    public Optional<FilePlace.Large> assemblable(FileIndex file) {
        return file(file).map(Content::place).flatMap(SegmentLayout::assemblable);
    }

    private static Optional<FilePlace.Large> assemblable(FilePlace place) {
        return place instanceof FilePlace.Large large && large.count() <= MOST_PARTS
                ? Optional.of(large)
                : Optional.empty();
    }

    /** All large files that can be made one object, each made when the stream reaches it. */
    public Stream<Assemblable> assemblable() {
        return IntStream.range(0, files.count())
                .filter(file -> files.length(file) >= Segment.MAX_LENGTH)
                .mapToObj(FileIndex::new)
                .flatMap(file -> assemblable(file).map(large -> new Assemblable(file, large)).stream());
    }

    /** About how many bytes of memory it takes. */
    int weight() {
        return files.weight() + files.count() * Geometry.WEIGHT_PER_FILE + 1_024;
    }
}
