package io.shoal.intake.infos;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.paths.CleanPath;
import io.shoal.contracts.records.Wanted;
import java.util.BitSet;
import java.util.List;

/**
 * What follows from an info dictionary for ever: the files and where their bytes lie.
 *
 * @param paths where each file is shown to be, pad files included
 */
public record FileLayout(Info info, Geometry geometry, List<CleanPath> paths) {
    public static FileLayout of(Info info) {
        return new FileLayout(info, Geometry.of(info), CleanPath.of(info));
    }

    /** Segments that hold bytes of the files that are wanted. */
    public BitSet segments(Wanted wanted) {
        BitSet segments = new BitSet();
        for (FileEntry file : info.files()) {
            if (wanted.isWanted(file.index().value())) {
                SegmentRange range = geometry.segmentsOf(file.index());
                segments.set(range.from(), range.to());
            }
        }
        return segments;
    }

    /** The files that are wanted, pad files left out. */
    public BitSet files(Wanted wanted) {
        BitSet files = new BitSet();
        for (FileEntry file : info.files()) {
            if (!file.pad() && wanted.isWanted(file.index().value())) {
                files.set(file.index().value());
            }
        }
        return files;
    }

    /** The length of these files together. */
    public long lengthOf(BitSet files) {
        return files.stream().mapToLong(file -> info.files().get(file).length()).sum();
    }

    /** Bytes of the segments that {@code wanted} takes: whole packs, though only one file in them be wanted. */
    public long bytes(Wanted wanted) {
        return geometry.bytesOf(segments(wanted));
    }

    /** Bytes of the wanted segments that are {@code stored}. */
    public long storedBytes(Wanted wanted, BitSet stored) {
        BitSet both = segments(wanted);
        both.and(stored);
        return geometry.bytesOf(both);
    }

    /** Bytes of {@code file} that are {@code stored}. */
    public long storedBytes(FileIndex file, BitSet stored) {
        return switch (geometry.place(file)) {
            case FilePlace.Nowhere() -> 0;
            case FilePlace.Packed packed -> stored.get(packed.segment().value()) ? packed.length() : 0;
            case FilePlace.Large large ->
                stored.get(large.first().value(), large.first().value() + large.count()).stream()
                        .mapToLong(segment -> geometry.segments()
                                .get(large.first().value() + segment)
                                .length())
                        .sum();
        };
    }

    /** Whether there is a file of this number that somebody may want. */
    public boolean hasFile(int index) {
        return index >= 0
                && index < info.files().size()
                && !info.files().get(index).pad();
    }

    /** The wish said about exactly the files that there are. */
    public Wanted exactly(Wanted wanted) {
        return Wanted.of(info.files().stream()
                .map(file -> wanted.of(file.index().value()))
                .toArray(Wanted.Priority[]::new));
    }

    /** Bytes of all files, pad files left out. */
    public long size() {
        return info.files().stream()
                .filter(file -> !file.pad())
                .mapToLong(FileEntry::length)
                .sum();
    }

    /** The torrent's name, cleaned. */
    public String name() {
        return CleanPath.name(info.name());
    }
}
