package io.shoal.bittorrent.geometry;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Geometry, version 1: how the files of a torrent are cut into segments. A pure function of the metainfo, for ever: what
 * was stored by it years ago is found by it today.
 *
 * <p>Files are taken in the order of the torrent. One of 16 MiB or more is <em>large</em>: segments of exactly 16 MiB from
 * its first byte, the last one shorter. Runs of smaller files between large ones are packed greedily, whole and end to end,
 * until the next would pass 16 MiB. Empty files and pad files (BEP 47) are not stored.
 *
 * <p>Invariant: segments are in the order of the torrent and do not overlap; every byte of every stored file lies in exactly
 * one; between them lie only pad files.
 */
public final class Geometry {
    /** The version that this class is. */
    public static final int VERSION = 1;

    private final Pieces pieces;
    private final List<FilePlace> places;
    private final List<Segment> segments;

    // Runs of stored bytes that are contiguous in the torrent and inside one segment, in order.
    private final long[] runOffset;
    private final int[] runLength;
    private final int[] runSegment;
    private final int[] runInSegment;

    private Geometry(Pieces pieces, Builder builder) {
        this.pieces = pieces;
        this.places = List.copyOf(builder.places);
        this.segments = List.copyOf(builder.segments);
        int runs = builder.runs.size();
        runOffset = new long[runs];
        runLength = new int[runs];
        runSegment = new int[runs];
        runInSegment = new int[runs];
        for (int i = 0; i < runs; i++) {
            Run run = builder.runs.get(i);
            runOffset[i] = run.offset;
            runLength[i] = run.length;
            runSegment[i] = run.segment;
            runInSegment[i] = run.inSegment;
        }
    }

    /** The geometry of {@code info}. */
    public static Geometry of(Info info) {
        Builder builder = new Builder();
        for (FileEntry file : info.files()) {
            builder.add(file);
        }
        builder.closePack();
        return new Geometry(info.pieces(), builder);
    }

    /** Lengths of the torrent's pieces. */
    public Pieces pieces() {
        return pieces;
    }

    /** All segments, in the order of the torrent. */
    public List<Segment> segments() {
        return segments;
    }

    /** Where {@code file} is stored. */
    public FilePlace place(FileIndex file) {
        return places.get(file.value());
    }

    /** All segments that hold bytes of {@code file}; none for an empty or pad file. */
    public SegmentRange segmentsOf(FileIndex file) {
        return switch (place(file)) {
            case FilePlace.Nowhere() -> SegmentRange.EMPTY;
            case FilePlace.Packed(SegmentIndex segment, int offset, int length) ->
                new SegmentRange(segment.value(), segment.value() + 1);
            case FilePlace.Large(SegmentIndex first, int count, long length) ->
                new SegmentRange(first.value(), first.value() + count);
        };
    }

    /** All segments that hold bytes of {@code piece}; none where the piece is pad files only. */
    public SegmentRange segmentsOfPiece(int piece) {
        long from = pieces.offset(piece);
        long to = from + pieces.length(piece);
        int first = firstRunEndingAfter(from);
        int last = first;
        while (last < runOffset.length && runOffset[last] < to) {
            last++;
        }
        return first == last ? SegmentRange.EMPTY : new SegmentRange(runSegment[first], runSegment[last - 1] + 1);
    }

    /** The first and one past the last piece that hold bytes of {@code segment}. */
    public PieceRange piecesOf(SegmentIndex segment) {
        Segment s = segments.get(segment.value());
        return new PieceRange(pieces.at(s.offset()), pieces.at(s.end() - 1) + 1);
    }

    /** Bytes that are stored in {@code wanted} segments. */
    public long bytesOf(BitSet wanted) {
        return wanted.stream().mapToLong(s -> segments.get(s).length()).sum();
    }

    /** Takes one run of a range of the torrent. */
    public interface RunConsumer {
        /**
         * @param segment the segment that stores these bytes, or -1 where they belong to pad files and are zeros
         * @param inSegment where they begin in the segment; 0 for pad files
         * @param offset where they begin in the torrent
         * @param length how many they are, at least 1
         */
        void run(int segment, int inSegment, long offset, int length);
    }

    /**
     * Cuts {@code length} bytes of the torrent from {@code offset} into runs, in order and without gaps: each lies inside
     * one segment, or in pad files.
     */
    public void forEachRun(long offset, int length, RunConsumer consumer) {
        long at = offset;
        long to = offset + length;
        for (int i = firstRunEndingAfter(offset); at < to; i++) {
            boolean any = i < runOffset.length && runOffset[i] < to;
            long start = any ? Math.max(runOffset[i], at) : to;
            if (start > at) {
                consumer.run(-1, 0, at, (int) (start - at));
                at = start;
            }
            if (any) {
                int part = (int) (Math.min(runOffset[i] + runLength[i], to) - at);
                consumer.run(runSegment[i], runInSegment[i] + (int) (at - runOffset[i]), at, part);
                at += part;
            }
        }
    }

    private int firstRunEndingAfter(long offset) {
        int found = Arrays.binarySearch(runOffset, offset);
        if (found >= 0) {
            return found;
        }
        int before = -found - 2;
        return before >= 0 && runOffset[before] + runLength[before] > offset ? before : before + 1;
    }

    private record Run(long offset, int length, int segment, int inSegment) {}

    /** Packs files one after the other. */
    private static final class Builder {
        final List<FilePlace> places = new ArrayList<>();
        final List<Segment> segments = new ArrayList<>();
        final List<Run> runs = new ArrayList<>();

        private long packOffset;
        private long packEnd;
        private int packLength;

        void add(FileEntry file) {
            if (file.pad() || file.length() == 0) {
                places.add(new FilePlace.Nowhere());
            } else if (file.length() >= Segment.MAX_LENGTH) {
                closePack();
                addLarge(file);
            } else {
                addSmall(file, (int) file.length());
            }
        }

        private void addLarge(FileEntry file) {
            int first = segments.size();
            for (long done = 0; done < file.length(); done += Segment.MAX_LENGTH) {
                int length = (int) Math.min(Segment.MAX_LENGTH, file.length() - done);
                long offset = file.offset() + done;
                runs.add(new Run(offset, length, segments.size(), 0));
                segments.add(new Segment(new SegmentIndex(segments.size()), offset, offset + length, length));
            }
            places.add(new FilePlace.Large(new SegmentIndex(first), segments.size() - first, file.length()));
        }

        private void addSmall(FileEntry file, int length) {
            if (packLength + length > Segment.MAX_LENGTH) {
                closePack();
            }
            if (packLength == 0) {
                packOffset = file.offset();
            }
            places.add(new FilePlace.Packed(new SegmentIndex(segments.size()), packLength, length));
            if (packLength > 0 && packEnd == file.offset()) {
                Run last = runs.removeLast();
                runs.add(new Run(last.offset, last.length + length, last.segment, last.inSegment));
            } else {
                runs.add(new Run(file.offset(), length, segments.size(), packLength));
            }
            packLength += length;
            packEnd = file.end();
        }

        void closePack() {
            if (packLength > 0) {
                segments.add(new Segment(new SegmentIndex(segments.size()), packOffset, packEnd, packLength));
                packLength = 0;
            }
        }
    }
}
