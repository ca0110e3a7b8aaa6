package io.shoal.bittorrent.geometry;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.metainfo.FileSizes;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Geometry, version 1: how the files of a torrent are cut into segments. A pure function of the metainfo that never
 * changes, so that content stored years ago is still found.
 *
 * <p>Files are taken in the order of the torrent. One of 16 MiB or more is <em>large</em>: segments of exactly 16 MiB
 * from its first byte, the last one shorter. Runs of smaller files between large ones are packed greedily, whole and
 * end to end, until the next would pass 16 MiB. Empty files and pad files (BEP 47) are not stored.
 *
 * <p>Invariant: segments are in the order of the torrent and do not overlap; every byte of every stored file lies in
 * exactly one; between them lie only pad files.
 *
 * <p>Memory follows the number of files, at most {@link #WEIGHT_PER_FILE} bytes each, and not the number of segments: a
 * file of 16 TiB has a million of them.
 */
public final class Geometry {
    /** The version that this class is. */
    public static final int VERSION = 1;

    /** Bytes of memory that a geometry takes for each file, at most. */
    public static final int WEIGHT_PER_FILE = 56;

    private static final int SEGMENT_BITS = 24;
    private static final int NOWHERE = -1;
    private static final int LARGE = -1;

    private final Pieces pieces;
    private final FileSizes files;

    // For each file: its first segment, or NOWHERE; its offset in its pack, or LARGE.
    private final int[] fileSegment;
    private final int[] fileInSegment;

    // Extents: packs and large files, in order. The length of a pack, or LARGE.
    private final int[] extentSegment;
    private final long[] extentOffset;
    private final long[] extentEnd;
    private final int[] extentLength;
    private final int segmentCount;

    // Runs of stored bytes that are contiguous in the torrent and inside one extent, in order.
    private final long[] runOffset;
    private final long[] runLength;
    private final int[] runSegment;
    private final int[] runInSegment;

    private Geometry(Pieces pieces, Builder builder) {
        this.pieces = pieces;
        this.files = builder.files;
        fileSegment = builder.fileSegment;
        fileInSegment = builder.fileInSegment;
        extentSegment = Arrays.copyOf(builder.extentSegment, builder.extents);
        extentOffset = Arrays.copyOf(builder.extentOffset, builder.extents);
        extentEnd = Arrays.copyOf(builder.extentEnd, builder.extents);
        extentLength = Arrays.copyOf(builder.extentLength, builder.extents);
        segmentCount = builder.segments;
        runOffset = Arrays.copyOf(builder.runOffset, builder.runs);
        runLength = Arrays.copyOf(builder.runLength, builder.runs);
        runSegment = Arrays.copyOf(builder.runSegment, builder.runs);
        runInSegment = Arrays.copyOf(builder.runInSegment, builder.runs);
    }

    /** The geometry of {@code info}. */
    public static Geometry of(Info info) {
        return of(info.pieces(), info.files().sizes());
    }

    /** The geometry of {@code files}, which it keeps. */
    public static Geometry of(Pieces pieces, FileSizes files) {
        Builder builder = new Builder(files);
        for (int file = 0; file < files.count(); file++) {
            builder.add(file);
        }
        builder.closePack();
        return new Geometry(pieces, builder);
    }

    /** Lengths of the torrent's pieces. */
    public Pieces pieces() {
        return pieces;
    }

    /** Number of files, pad files counted. */
    public int files() {
        return fileSegment.length;
    }

    /** Returns all segments, in the order of the torrent; each is created on access. */
    public List<Segment> segments() {
        return new Segments();
    }

    private final class Segments extends AbstractList<Segment> implements RandomAccess {
        @Override
        public int size() {
            return segmentCount;
        }

        @Override
        public Segment get(int index) {
            Objects.checkIndex(index, segmentCount);
            int extent = extentOf(index);
            if (extentLength[extent] != LARGE) {
                return new Segment(
                        new SegmentIndex(index), extentOffset[extent], extentEnd[extent], extentLength[extent]);
            }
            long offset = extentOffset[extent] + ((long) (index - extentSegment[extent]) << SEGMENT_BITS);
            long end = Math.min(offset + Segment.MAX_LENGTH, extentEnd[extent]);
            return new Segment(new SegmentIndex(index), offset, end, (int) (end - offset));
        }
    }

    private int extentOf(int segment) {
        int found = Arrays.binarySearch(extentSegment, segment);
        return found >= 0 ? found : -found - 2;
    }

    /** Where {@code file} is stored. */
    public FilePlace place(FileIndex file) {
        int index = file.value();
        int segment = fileSegment[index];
        if (segment == NOWHERE) {
            return new FilePlace.Nowhere();
        }
        SegmentIndex first = new SegmentIndex(segment);
        long length = files.length(index);
        return fileInSegment[index] == LARGE
                ? new FilePlace.Large(first, segmentsIn(length), length)
                : new FilePlace.Packed(first, fileInSegment[index], (int) length);
    }

    private static int segmentsIn(long length) {
        return (int) ((length + Segment.MAX_LENGTH - 1) >> SEGMENT_BITS);
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
        if (first == runOffset.length || runOffset[first] >= to) {
            return SegmentRange.EMPTY;
        }
        int last = lastRunBeginningBefore(to);
        long end = Math.min(to, runOffset[last] + runLength[last]);
        return new SegmentRange(segmentAt(first, Math.max(from, runOffset[first])), segmentAt(last, end - 1) + 1);
    }

    /** The segment that holds the byte at {@code offset} of the torrent, which lies in {@code run}. */
    private int segmentAt(int run, long offset) {
        return runSegment[run] + (int) (runInSegment[run] + (offset - runOffset[run]) >> SEGMENT_BITS);
    }

    /**
     * The pieces that hold bytes of {@code segment}. Between two of them may be pieces that lie wholly in pad files:
     * these hold bytes of no segment.
     */
    public BitSet piecesIn(SegmentIndex segment) {
        Segment s = segments().get(segment.value());
        BitSet held = new BitSet();
        for (int run = firstRunEndingAfter(s.offset()); run < runOffset.length && runOffset[run] < s.end(); run++) {
            long from = Math.max(runOffset[run], s.offset());
            long to = Math.min(runOffset[run] + runLength[run], s.end());
            held.set(pieces.at(from), pieces.at(to - 1) + 1);
        }
        return held;
    }

    /**
     * The first and one past the last piece that hold bytes of {@code segment}; {@link #piecesIn} says which of those
     * between do.
     */
    public PieceRange piecesOf(SegmentIndex segment) {
        Segment s = segments().get(segment.value());
        return new PieceRange(pieces.at(s.offset()), pieces.at(s.end() - 1) + 1);
    }

    /** Bytes that are stored in {@code wanted} segments. */
    public long bytesOf(BitSet wanted) {
        long bytes = 0;
        int extent = 0;
        for (int segment = wanted.nextSetBit(0); segment >= 0; segment = wanted.nextSetBit(segment + 1)) {
            Objects.checkIndex(segment, segmentCount);
            while (extent + 1 < extentSegment.length && extentSegment[extent + 1] <= segment) {
                extent++;
            }
            long inExtent = (long) (segment - extentSegment[extent]) << SEGMENT_BITS;
            bytes += extentLength[extent] != LARGE
                    ? extentLength[extent]
                    : Math.min(Segment.MAX_LENGTH, extentEnd[extent] - extentOffset[extent] - inExtent);
        }
        return bytes;
    }

    /** Takes a segment that is shorter than {@link Segment#MAX_LENGTH}. */
    public interface ShortSegmentConsumer {
        /**
         * @param segment its number
         * @param length bytes that are stored in it
         */
        void segment(int segment, int length);
    }

    /** Hands every segment that is shorter than a full one to {@code consumer}, in order; at most one for each file. */
    public void forEachShortSegment(ShortSegmentConsumer consumer) {
        for (int extent = 0; extent < extentSegment.length; extent++) {
            long length = extentEnd[extent] - extentOffset[extent];
            int last = extentLength[extent] == LARGE ? (int) (length & Segment.MAX_LENGTH - 1) : extentLength[extent];
            if (last > 0 && last < Segment.MAX_LENGTH) {
                int segments = extentLength[extent] == LARGE ? segmentsIn(length) : 1;
                consumer.segment(extentSegment[extent] + segments - 1, last);
            }
        }
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
        for (int run = firstRunEndingAfter(offset); at < to; run++) {
            boolean any = run < runOffset.length && runOffset[run] < to;
            long start = any ? Math.max(runOffset[run], at) : to;
            if (start > at) {
                consumer.run(-1, 0, at, (int) (start - at));
                at = start;
            }
            long end = any ? Math.min(runOffset[run] + runLength[run], to) : at;
            while (at < end) {
                int segment = segmentAt(run, at);
                int inSegment = (int) (runInSegment[run] + (at - runOffset[run])) & (Segment.MAX_LENGTH - 1);
                int part = (int) Math.min(end - at, Segment.MAX_LENGTH - inSegment);
                consumer.run(segment, inSegment, at, part);
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

    private int lastRunBeginningBefore(long end) {
        int found = Arrays.binarySearch(runOffset, end);
        return found >= 0 ? found - 1 : -found - 2;
    }

    /** Packs files one after the other. */
    private static final class Builder {
        final FileSizes files;
        final int[] fileSegment;
        final int[] fileInSegment;
        final int[] extentSegment;
        final long[] extentOffset;
        final long[] extentEnd;
        final int[] extentLength;
        final long[] runOffset;
        final long[] runLength;
        final int[] runSegment;
        final int[] runInSegment;
        int extents;
        int segments;
        int runs;

        private long packOffset;
        private long packEnd;
        private int packLength;

        Builder(FileSizes files) {
            int count = files.count();
            this.files = files;
            fileSegment = new int[count];
            fileInSegment = new int[count];
            extentSegment = new int[count];
            extentOffset = new long[count];
            extentEnd = new long[count];
            extentLength = new int[count];
            runOffset = new long[count];
            runLength = new long[count];
            runSegment = new int[count];
            runInSegment = new int[count];
        }

        void add(int file) {
            long length = files.length(file);
            if (files.isPad(file) || length == 0) {
                fileSegment[file] = NOWHERE;
            } else if (length >= Segment.MAX_LENGTH) {
                closePack();
                addLarge(file, length);
            } else {
                addSmall(file, (int) length);
            }
        }

        private void addLarge(int file, long length) {
            fileSegment[file] = segments;
            fileInSegment[file] = LARGE;
            addRun(files.offset(file), length, 0);
            addExtent(files.offset(file), files.offset(file) + length, LARGE);
            segments += segmentsIn(length);
        }

        private void addSmall(int file, int length) {
            long offset = files.offset(file);
            if (packLength + length > Segment.MAX_LENGTH) {
                closePack();
            }
            if (packLength == 0) {
                packOffset = offset;
            }
            fileSegment[file] = segments;
            fileInSegment[file] = packLength;
            if (packLength > 0 && packEnd == offset) {
                runLength[runs - 1] += length;
            } else {
                addRun(offset, length, packLength);
            }
            packLength += length;
            packEnd = offset + length;
        }

        void closePack() {
            if (packLength > 0) {
                addExtent(packOffset, packEnd, packLength);
                segments++;
                packLength = 0;
            }
        }

        private void addRun(long offset, long length, int inSegment) {
            runOffset[runs] = offset;
            runLength[runs] = length;
            runSegment[runs] = segments;
            runInSegment[runs++] = inSegment;
        }

        private void addExtent(long offset, long end, int length) {
            extentSegment[extents] = segments;
            extentOffset[extents] = offset;
            extentEnd[extents] = end;
            extentLength[extents++] = length;
        }
    }
}
