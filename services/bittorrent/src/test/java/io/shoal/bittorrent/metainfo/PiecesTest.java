package io.shoal.bittorrent.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PiecesTest {
    private static final int KIB = 1 << 10;

    @Test
    void theLastPieceAndItsLastBlockMayBeShort() {
        Pieces pieces = new Pieces(100_000, 40_000);

        assertThat(pieces.count()).isEqualTo(3);
        assertThat(pieces.length(0)).isEqualTo(40_000);
        assertThat(pieces.length(2)).isEqualTo(20_000);
        assertThat(pieces.blocks(0)).isEqualTo(3);
        assertThat(pieces.blockLength(0, 2)).isEqualTo(40_000 - 2 * 16 * KIB);
        assertThat(pieces.blocks(2)).isEqualTo(2);
        assertThat(pieces.blockLength(2, 1)).isEqualTo(20_000 - 16 * KIB);
    }

    @Test
    void blocksTileEveryPieceAndPiecesTileTheTorrent() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            int pieceLength = 1 + random.nextInt(5) * 16 * KIB + random.nextInt(20_000);
            Pieces pieces = new Pieces(1 + random.nextInt(1_000_000), pieceLength);
            long at = 0;
            for (int piece = 0; piece < pieces.count(); piece++) {
                assertThat(pieces.offset(piece)).as("seed %d", seed).isEqualTo(at);
                assertThat(pieces.at(at)).isEqualTo(piece);
                int inPiece = 0;
                for (int block = 0; block < pieces.blocks(piece); block++) {
                    int length = pieces.blockLength(piece, block);
                    assertThat(length).isBetween(1, Pieces.BLOCK);
                    assertThat(pieces.isBlock(piece, inPiece, length)).isTrue();
                    assertThat(pieces.contains(piece, inPiece, length)).isTrue();
                    inPiece += length;
                }
                assertThat(inPiece).isEqualTo(pieces.length(piece));
                at += inPiece;
            }
            assertThat(at).isEqualTo(pieces.total());
        }
    }

    @Test
    void numbersFromTheWireAreCheckedWithoutOverflow() {
        Pieces pieces = new Pieces(100_000, 40_000);

        for (int bad : new int[] {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(pieces.contains(bad)).isFalse();
            assertThat(pieces.contains(bad, 0, 1)).isFalse();
            assertThat(pieces.isBlock(bad, 0, 16 * KIB)).isFalse();
            assertThatThrownBy(() -> pieces.length(bad)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(pieces.contains(0, 39_999, 1)).isTrue();
        assertThat(pieces.contains(0, 39_999, 2)).isFalse();
        assertThat(pieces.contains(0, Integer.MAX_VALUE, Integer.MAX_VALUE)).isFalse();
        assertThat(pieces.contains(0, -1, 10)).isFalse();
        assertThat(pieces.contains(0, 0, 0)).isFalse();
        assertThat(pieces.isBlock(0, 1, 16 * KIB)).isFalse();
        assertThat(pieces.isBlock(0, 16 * KIB, 16 * KIB - 1)).isFalse();
        // Multiplied by 16 KiB this block's number is 0 in 32 bits.
        assertThatThrownBy(() -> pieces.blockLength(0, 1 << 18)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> pieces.at(100_000)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theLargestTorrentStaysInRange() {
        Pieces pieces = new Pieces(16L << 40, 128 << 20);

        assertThat(pieces.count()).isEqualTo(1 << 17);
        assertThat(pieces.offset(pieces.count() - 1) + pieces.length(pieces.count() - 1))
                .isEqualTo(16L << 40);
        assertThatThrownBy(() -> new Pieces(16L << 40, 1 << 20)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Pieces(0, 1 << 20)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Pieces(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
