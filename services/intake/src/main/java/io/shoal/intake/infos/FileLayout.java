package io.shoal.intake.infos;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.bittorrent.metainfo.FileTable;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.paths.CleanPath;
import io.shoal.contracts.records.Wanted;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of a torrent and where their bytes lie, as an info dictionary determines them, in arrays of numbers and the bytes of the paths.
 * Immutable.
 *
 * <p>A layout that was just parsed still has its info dictionary, so that the dictionary can be written to the store; it lives no
 * longer than the reservation of memory for it. A layout from the cache has none, so many fit into little memory.
 */
public final class FileLayout {
    private final @Nullable Info info;
    private final InfoHash infoHash;
    private final String name;
    private final boolean isPrivate;
    private final FileTable files;
    private final Geometry geometry;
    private final List<CleanPath> paths;

    private FileLayout(
            @Nullable Info info,
            InfoHash infoHash,
            String name,
            boolean isPrivate,
            FileTable files,
            Geometry geometry,
            List<CleanPath> paths) {
        this.info = info;
        this.infoHash = infoHash;
        this.name = name;
        this.isPrivate = isPrivate;
        this.files = files;
        this.geometry = geometry;
        this.paths = paths;
    }

    /** The layout of {@code info}, which it keeps. */
    public static FileLayout of(Info info) {
        FileTable files = info.files().compacted();
        return new FileLayout(
                info,
                info.hash(),
                CleanPath.name(info.name()),
                info.isPrivate(),
                files,
                Geometry.of(info.pieces(), files.sizes()),
                CleanPath.of(info.name(), info.singleFile(), files));
    }

    /** The same layout without the info dictionary. */
    FileLayout withoutInfo() {
        return new FileLayout(null, infoHash, name, isPrivate, files, geometry, paths);
    }

    /** The info dictionary; empty if the layout comes from the cache. */
    public Optional<Info> info() {
        return Optional.ofNullable(info);
    }

    /** Returns the info-hash, which identifies the torrent in the swarm. */
    public InfoHash infoHash() {
        return infoHash;
    }

    /** The torrent's name, cleaned. */
    public String name() {
        return name;
    }

    /** Whether the info dictionary restricts the torrent to its own trackers (BEP 27). */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** The files in the order of the torrent, pad files included. */
    public FileTable files() {
        return files;
    }

    /** Where the files lie in segments. */
    public Geometry geometry() {
        return geometry;
    }

    /** Returns the cleaned path of {@code file}, pad files included. */
    public CleanPath path(int file) {
        return paths.get(file);
    }

    /** Segments that hold bytes of the files that are wanted. */
    public BitSet segments(Wanted wanted) {
        BitSet segments = new BitSet();
        for (int file = 0; file < files.size(); file++) {
            if (wanted.isWanted(file)) {
                SegmentRange range = geometry.segmentsOf(new FileIndex(file));
                segments.set(range.from(), range.to());
            }
        }
        return segments;
    }

    /** The files that are wanted, pad files left out. */
    public BitSet files(Wanted wanted) {
        BitSet wantedFiles = new BitSet();
        for (int file = 0; file < files.size(); file++) {
            if (!files.sizes().isPad(file) && wanted.isWanted(file)) {
                wantedFiles.set(file);
            }
        }
        return wantedFiles;
    }

    /** The length of these files together. */
    public long lengthOf(BitSet of) {
        return of.stream().mapToLong(files.sizes()::length).sum();
    }

    /** Returns the share of the torrent that {@code wanted} takes: whole packs, even if only one file in them is wanted. */
    public SegmentShare share(Wanted wanted) {
        BitSet segments = segments(wanted);
        boolean all = segments.cardinality() == geometry.segments().size();
        return new SegmentShare(all ? null : segments, geometry.bytesOf(segments));
    }

    /** Bytes of {@code file} that are {@code stored}. */
    public long storedBytes(FileIndex file, BitSet stored) {
        return switch (geometry.place(file)) {
            case FilePlace.Nowhere() -> 0;
            case FilePlace.Packed packed -> stored.get(packed.segment().value()) ? packed.length() : 0;
            case FilePlace.Large large -> storedBytes(large, stored);
        };
    }

    private static long storedBytes(FilePlace.Large large, BitSet stored) {
        int first = large.first().value();
        int last = first + large.count() - 1;
        long full = (long) stored.get(first, last).cardinality() * Segment.MAX_LENGTH;
        return stored.get(last) ? full + large.length() - (large.count() - 1L) * Segment.MAX_LENGTH : full;
    }

    /** Whether a file of this number exists that a tenant may want. */
    public boolean hasFile(int index) {
        return index >= 0 && index < files.size() && !files.sizes().isPad(index);
    }

    /** The wish for exactly the files of this torrent. */
    public Wanted exactly(Wanted wanted) {
        Wanted.Priority[] priorities = new Wanted.Priority[files.size()];
        Arrays.setAll(priorities, wanted::of);
        return Wanted.of(priorities);
    }

    /** Bytes of all files, pad files left out. */
    public long size() {
        return files.sizes().totalWithoutPads();
    }

    /** About how many bytes of memory it takes. */
    int weight() {
        return files.weight() + files.size() * (Geometry.WEIGHT_PER_FILE + Integer.BYTES) + 1_024;
    }
}
