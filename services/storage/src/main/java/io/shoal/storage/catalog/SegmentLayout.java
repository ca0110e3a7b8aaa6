package io.shoal.storage.catalog;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the files of one torrent lie in its segments: what of the metainfo this service needs, without names and hashes. */
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

    private final List<Optional<Content>> files;
    private final List<Assemblable> assemblable;
    private final int segments;

    private SegmentLayout(List<Optional<Content>> files, List<Assemblable> assemblable, int segments) {
        this.files = List.copyOf(files);
        this.assemblable = List.copyOf(assemblable);
        this.segments = segments;
    }

    /** The layout of {@code info}. */
    public static SegmentLayout of(Info info) {
        Geometry geometry = Geometry.of(info);
        List<Optional<Content>> files = new ArrayList<>(info.files().size());
        List<Assemblable> assemblable = new ArrayList<>();
        for (FileEntry file : info.files()) {
            FilePlace place = geometry.place(file.index());
            boolean wholeSegment = place instanceof FilePlace.Packed packed
                    && packed.length()
                            == geometry.segments().get(packed.segment().value()).length();
            files.add(
                    file.pad()
                            ? Optional.empty()
                            : Optional.of(new Content(file.index(), file.length(), place, wholeSegment)));
            assemblable(place).ifPresent(large -> assemblable.add(new Assemblable(file.index(), large)));
        }
        return new SegmentLayout(files, assemblable, geometry.segments().size());
    }

    /** The file of this number; empty for a pad file and for one that the torrent does not have. */
    public Optional<Content> file(FileIndex file) {
        return file.value() < files.size() ? files.get(file.value()) : Optional.empty();
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

    /** All large files that can be made one object. */
    public List<Assemblable> assemblable() {
        return assemblable;
    }

    /** How much memory it takes, in entries. */
    int weight() {
        return files.size() + segments + 100;
    }
}
