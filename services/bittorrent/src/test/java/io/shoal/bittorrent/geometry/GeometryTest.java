package io.shoal.bittorrent.geometry;

import static io.shoal.bittorrent.Infos.Sized.file;
import static io.shoal.bittorrent.Infos.Sized.pad;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.Infos;
import io.shoal.bittorrent.SegmentIndex;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The segments of torrents of every shape. */
class GeometryTest {
    private static final int MIB = 1 << 20;
    private static final int FULL = 16 * MIB;

    @Test
    void twoHundredBytesAreOnePackWhichIsTheFile() {
        Geometry geometry = Geometry.of(Infos.single(200, 16 << 10));

        assertThat(geometry.segments()).containsExactly(new Segment(new SegmentIndex(0), 0, 200, 200));
        assertThat(geometry.place(new FileIndex(0))).isEqualTo(new FilePlace.Packed(new SegmentIndex(0), 0, 200));
        assertThat(geometry.segmentsOfPiece(0)).isEqualTo(new SegmentRange(0, 1));
        assertThat(geometry.piecesOf(new SegmentIndex(0))).isEqualTo(new PieceRange(0, 1));
    }

    @Test
    void threeMebibytesAreOneSegmentAndTenThousandOfOneAreSixHundredAndTwentyFive() {
        assertThat(Geometry.of(Infos.single(3 * MIB, MIB)).segments()).hasSize(1);

        Geometry many = Geometry.of(Infos.multi(MIB, Collections.nCopies(10_000, file(MIB))));
        assertThat(many.segments())
                .hasSize(625)
                .allSatisfy(segment -> assertThat(segment.length()).isEqualTo(FULL));
    }

    @Test
    void aHundredGigabytesAreFullSegmentsAndAShorterLastOne() {
        long length = 100_000_000_000L;
        Geometry geometry = Geometry.of(Infos.single(length, FULL));

        assertThat(geometry.segments()).hasSize(5_961);
        assertThat(geometry.place(new FileIndex(0))).isEqualTo(new FilePlace.Large(new SegmentIndex(0), 5_961, length));
        assertThat(geometry.segments().subList(0, 5_960))
                .allSatisfy(segment -> assertThat(segment.length()).isEqualTo(FULL));
        assertThat(geometry.segments().getLast().length()).isEqualTo((int) (length - 5_960L * FULL));
    }

    @Test
    void tooManyPiecesAreRefusedByTheSizeOfTheInfo() {
        assertThatThrownBy(() -> Infos.single(128L << 30, 64 << 10)).hasMessageContaining("32 MiB");
    }

    @Test
    void aLargeFileThatStartsInTheMiddleOfAPieceHasItsOwnSegments() {
        Geometry geometry = Geometry.of(Infos.multi(4 * MIB, List.of(file(MIB), file(1_000_000_000))));

        assertThat(geometry.segments()).hasSize(61);
        assertThat(geometry.segmentsOf(new FileIndex(1))).isEqualTo(new SegmentRange(1, 61));
        assertThat(geometry.segmentsOfPiece(0)).as("the shared piece").isEqualTo(new SegmentRange(0, 2));
        assertThat(geometry.piecesOf(new SegmentIndex(0))).isEqualTo(new PieceRange(0, 1));
        assertThat(geometry.piecesOf(new SegmentIndex(1))).isEqualTo(new PieceRange(0, 5));
        assertThat(runs(geometry, 0, 4 * MIB)).containsExactly("0+0@0:1048576", "1+0@1048576:3145728");
    }

    @Test
    void sixteenMebibytesAreLargeAndOneByteLessIsSmall() {
        Geometry geometry = Geometry.of(Infos.multi(MIB, List.of(file(FULL - 1), file(FULL), file(1))));

        assertThat(geometry.place(new FileIndex(0))).isInstanceOf(FilePlace.Packed.class);
        assertThat(geometry.place(new FileIndex(1))).isEqualTo(new FilePlace.Large(new SegmentIndex(1), 1, FULL));
        assertThat(geometry.place(new FileIndex(2)))
                .as("a large file ends the pack before it")
                .isEqualTo(new FilePlace.Packed(new SegmentIndex(2), 0, 1));
    }

    @Test
    void noSmallFileIsCutAndAPackIsFilledToTheLastByte() {
        Geometry geometry =
                Geometry.of(Infos.multi(MIB, List.of(file(10 * MIB), file(6 * MIB), file(10 * MIB), file(7 * MIB))));

        assertThat(geometry.segments()).extracting(Segment::length).containsExactly(FULL, 10 * MIB, 7 * MIB);
    }

    @Test
    void padsAndEmptyFilesAreNowhere() {
        Geometry geometry = Geometry.of(
                Infos.multi(MIB, List.of(file(10), pad(MIB - 10), file(0), file(20), pad(3 * MIB), file(5))));

        assertThat(geometry.segments()).hasSize(1);
        Segment pack = geometry.segments().getFirst();
        assertThat(pack.length()).isEqualTo(35);
        assertThat(pack.end()).isEqualTo(4 * MIB + 25);
        assertThat(geometry.place(new FileIndex(1))).isEqualTo(new FilePlace.Nowhere());
        assertThat(geometry.place(new FileIndex(2))).isEqualTo(new FilePlace.Nowhere());
        assertThat(geometry.segmentsOf(new FileIndex(2)).count()).isZero();
        assertThat(geometry.place(new FileIndex(3))).isEqualTo(new FilePlace.Packed(new SegmentIndex(0), 10, 20));
        assertThat(geometry.segmentsOfPiece(2)).as("a piece of pads only").isEqualTo(SegmentRange.EMPTY);
        assertThat(runs(geometry, 0, MIB + 30))
                .containsExactly("0+0@0:10", "-1+0@10:1048566", "0+10@1048576:20", "-1+0@1048596:10");
        assertThat(geometry.bytesOf(BitSet.valueOf(new long[] {1}))).isEqualTo(35);
    }

    private static List<String> runs(Geometry geometry, long offset, int length) {
        List<String> runs = new ArrayList<>();
        geometry.forEachRun(
                offset, length, (segment, in, at, count) -> runs.add(segment + "+" + in + "@" + at + ":" + count));
        return runs;
    }
}
