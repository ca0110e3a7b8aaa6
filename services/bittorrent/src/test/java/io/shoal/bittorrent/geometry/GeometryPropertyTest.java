package io.shoal.bittorrent.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.Infos;
import io.shoal.bittorrent.Infos.Sized;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Properties of every torrent, tested on random ones against a slow and plain implementation of the same rules. */
class GeometryPropertyTest {
    private static final int LAYOUTS = 1_000;
    private static final int FULL = Segment.MAX_LENGTH;

    /** Stored bytes {@code [from, to)} of the torrent, that begin at {@code inSegment} of {@code segment}. */
    private record Stored(long from, long to, int segment, int inSegment) {}

    @Test
    void everyStoredByteLiesInExactlyOneSegmentAndFillsIt() {
        each((info, geometry, stored, random) -> {
            long[] next = new long[geometry.segments().size()];
            long before = 0;
            for (Stored one : stored) {
                assertThat(one.from).isGreaterThanOrEqualTo(before);
                before = one.to;
                assertThat(next[one.segment]).as("segments fill in order").isEqualTo(one.inSegment);
                next[one.segment] += one.to - one.from;
                Segment segment = geometry.segments().get(one.segment);
                assertThat(segment.offset()).isLessThanOrEqualTo(one.from);
                assertThat(segment.end()).isGreaterThanOrEqualTo(one.to);
            }
            long end = 0;
            for (Segment segment : geometry.segments()) {
                assertThat(next[segment.index().value()]).isEqualTo(segment.length());
                assertThat(segment.length()).isBetween(1, FULL);
                assertThat(segment.offset()).as("no overlap").isGreaterThanOrEqualTo(end);
                end = segment.end();
            }
            long content = info.files().stream()
                    .filter(file -> !file.pad())
                    .mapToLong(FileEntry::length)
                    .sum();
            BitSet all = new BitSet();
            all.set(0, next.length);
            assertThat(geometry.bytesOf(all)).isEqualTo(content);
        });
    }

    @Test
    void packsAreFilledAsFarAsWholeFilesFit() {
        each((info, geometry, stored, random) -> {
            int pack = -1;
            int length = 0;
            for (FileEntry file : info.files()) {
                switch (geometry.place(file.index())) {
                    case FilePlace.Packed(SegmentIndex segment, int offset, int bytes) -> {
                        if (segment.value() != pack) {
                            assertThat(pack < 0 || length + (long) bytes > FULL).isTrue();
                            assertThat(offset).isZero();
                            pack = segment.value();
                            length = 0;
                        }
                        assertThat(offset).isEqualTo(length);
                        assertThat((long) bytes).isEqualTo(file.length()).isLessThan(FULL);
                        length += bytes;
                    }
                    case FilePlace.Large large -> {
                        assertThat(large.length()).isEqualTo(file.length()).isGreaterThanOrEqualTo(FULL);
                        pack = -1;
                    }
                    case FilePlace.Nowhere() ->
                        assertThat(file.pad() || file.length() == 0).isTrue();
                }
            }
        });
    }

    @Test
    void runsCoverAnyRangeInOrderWithoutGaps() {
        each((info, geometry, stored, random) -> {
            long total = info.pieces().total();
            for (int i = 0; i < 20; i++) {
                long offset = random.nextLong(total);
                int length = (int) Math.min(total - offset, 1 + random.nextInt(3 * FULL));
                long[] at = {offset};
                geometry.forEachRun(offset, length, (segment, inSegment, from, count) -> {
                    assertThat(from).isEqualTo(at[0]);
                    assertThat(count).isPositive();
                    at[0] += count;
                    for (long probe : new long[] {from, from + count / 2, from + count - 1}) {
                        Stored expected = find(stored, probe);
                        assertThat(segment).isEqualTo(expected == null ? -1 : expected.segment);
                        assertThat(inSegment + (probe - from))
                                .isEqualTo(
                                        expected == null ? probe - from : expected.inSegment + (probe - expected.from));
                    }
                });
                assertThat(at[0]).isEqualTo(offset + length);
            }
        });
    }

    @Test
    void piecesAndSegmentsAgreeOnWhatTheyShare() {
        each((info, geometry, stored, random) -> {
            Pieces pieces = info.pieces();
            for (int i = 0; i < 30; i++) {
                int piece = random.nextInt(pieces.count());
                long from = pieces.offset(piece);
                long to = from + pieces.length(piece);
                int[] touched = stored.stream()
                        .filter(one -> one.from < to && one.to > from)
                        .mapToInt(Stored::segment)
                        .distinct()
                        .toArray();
                SegmentRange range = geometry.segmentsOfPiece(piece);
                assertThat(range.count()).isEqualTo(touched.length);
                for (int k = 0; k < touched.length; k++) {
                    assertThat(touched[k]).isEqualTo(range.from() + k);
                    PieceRange back = geometry.piecesOf(new SegmentIndex(touched[k]));
                    assertThat(piece).isBetween(back.from(), back.to() - 1);
                }
            }
            for (Segment segment : geometry.segments()) {
                PieceRange range = geometry.piecesOf(segment.index());
                assertThat(geometry.segmentsOfPiece(range.from()).to())
                        .isGreaterThan(segment.index().value());
                assertThat(geometry.segmentsOfPiece(range.to() - 1).from())
                        .isLessThanOrEqualTo(segment.index().value());
                assertThat(range.from() == 0 || !touches(geometry, range.from() - 1, segment))
                        .isTrue();
                assertThat(range.to() == pieces.count() || !touches(geometry, range.to(), segment))
                        .isTrue();
            }
        });
    }

    @Test
    void theSegmentsOfAPieceAreThoseThatThePieceIsIn() {
        each((info, geometry, stored, random) -> {
            Map<Integer, BitSet> pieces = new HashMap<>();
            for (Stored one : stored) {
                pieces.computeIfAbsent(one.segment, segment -> new BitSet())
                        .set(info.pieces().at(one.from), info.pieces().at(one.to - 1) + 1);
            }
            for (Segment segment : geometry.segments()) {
                BitSet in = geometry.piecesIn(segment.index());
                assertThat(in).isEqualTo(pieces.get(segment.index().value()));
                in.stream()
                        .forEach(piece ->
                                assertThat(touches(geometry, piece, segment)).isTrue());
            }
        });
    }

    private static boolean touches(Geometry geometry, int piece, Segment segment) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        return range.from() <= segment.index().value() && segment.index().value() < range.to();
    }

    private interface Property {
        void holds(Info info, Geometry geometry, List<Stored> stored, Random random);
    }

    private static void each(Property property) {
        for (int seed = 0; seed < LAYOUTS; seed++) {
            Random random = new Random(seed);
            Info info = Infos.multi(pieceLength(random), layout(random));
            Geometry geometry = Geometry.of(info);
            try {
                property.holds(info, geometry, stored(info, geometry), random);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static int pieceLength(Random random) {
        return random.nextBoolean() ? 16 << (10 + random.nextInt(12)) : (16 << 10) + random.nextInt(20 << 20);
    }

    private static List<Sized> layout(Random random) {
        List<Sized> files = new ArrayList<>(List.of(Sized.file(1 + random.nextInt(100))));
        for (int i = random.nextInt(30); i > 0; i--) {
            long length = switch (random.nextInt(7)) {
                case 0 -> 0;
                case 1 -> random.nextInt(1_000);
                case 2 -> random.nextInt(FULL);
                case 3 -> FULL - 1 + random.nextInt(3);
                case 4 -> random.nextInt(5 * FULL);
                case 5 -> (long) FULL * (1 + random.nextInt(3));
                default -> random.nextInt(FULL / 4);
            };
            files.add(new Sized(length, random.nextInt(5) == 0));
        }
        return files;
    }

    /** The places of all files, read one by one. */
    private static List<Stored> stored(Info info, Geometry geometry) {
        List<Stored> stored = new ArrayList<>();
        for (FileEntry file : info.files()) {
            switch (geometry.place(new FileIndex(file.index().value()))) {
                case FilePlace.Nowhere() -> {}
                case FilePlace.Packed(SegmentIndex segment, int offset, int length) ->
                    stored.add(new Stored(file.offset(), file.offset() + length, segment.value(), offset));
                case FilePlace.Large(SegmentIndex first, int count, long length) -> {
                    for (int i = 0; i < count; i++) {
                        long from = file.offset() + (long) i * FULL;
                        stored.add(new Stored(from, Math.min(from + FULL, file.end()), first.value() + i, 0));
                    }
                }
            }
        }
        return stored;
    }

    private static @Nullable Stored find(List<Stored> stored, long offset) {
        return stored.stream()
                .filter(one -> one.from <= offset && offset < one.to)
                .findFirst()
                .orElse(null);
    }
}
