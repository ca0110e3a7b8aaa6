package io.shoal.engine.picking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs of blocks, for a seed that is asked for ranges. */
class PickRunTest extends PickerFixture {
    /** Numbers of the chosen blocks, counted from the torrent's first one; each piece has 4. */
    private List<Integer> run(PiecePicker picker, PeerPieces seed, int count, int first, boolean only) {
        int chosen = picker.pickRun(seed, count, first, only, picks);
        List<Integer> blocks = new ArrayList<>();
        for (int i = 0; i < chosen; i++) {
            blocks.add(4 * picks.piece(i) + picks.block(i));
        }
        return blocks;
    }

    private static List<Integer> blocks(int from, int to) {
        List<Integer> blocks = new ArrayList<>();
        for (int block = from; block < to; block++) {
            blocks.add(block);
        }
        return blocks;
    }

    @Test
    void aRunGoesOnFromPieceToPiece() {
        PiecePicker picker = picker(SMALL);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 10, 8, false)).isEqualTo(blocks(32, 42));
        assertThat(run(picker, seed, 10, 10, true)).as("continued in a piece").isEqualTo(blocks(42, 52));
    }

    @Test
    void aRunEndsBeforeWhatIsHeldOrUnwantedOrBeingDelivered() {
        PiecePicker picker = picker(SMALL, bits(9), piece -> piece == 20 ? 0 : 1);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 100, 7, false)).isEqualTo(blocks(28, 36));
        assertThat(run(picker, seed, 100, 18, false)).isEqualTo(blocks(72, 80));
        PeerPieces other = picker.joined(bits(32));
        assertThat(pick(picker, other, 4, true)).containsExactly(32);
        assertThat(run(picker, seed, 100, 30, false)).isEqualTo(blocks(120, 128));
    }

    @Test
    void aRunDoesNotGoOnIntoWhatIsWantedLess() {
        PiecePicker picker = picker(SMALL, range(0, 4), piece -> piece < 12 ? 2 : 1);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 100, 10, false)).isEqualTo(blocks(40, 48));
    }

    @Test
    void whereTheFirstPieceCannotBeTakenAnotherIsUnlessOnlyThatOneIsOfUse() {
        PiecePicker picker = picker(SMALL);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 4, 2, true)).as("held").isEmpty();
        assertThat(run(picker, seed, 4, 2, false)).hasSize(4);
    }

    @Test
    void aRunOpensNoPieceWithoutRoom() {
        PiecePicker picker = picker(LARGE, range(0, 4), piece -> 1);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(picker.pickRun(seed, 64, 15, false, picks)).isEqualTo(64);
        full = true;
        assertThat(picker.pickRun(seed, 64, 16, true, picks))
                .as("another segment")
                .isZero();
        assertThat(picker.openCount()).isEqualTo(1);
        assertThat(picker.pickRun(seed, 64, 14, true, picks))
                .as("the same segment")
                .isEqualTo(64);
    }

    @Test
    void itHelpsInTheEndGame() {
        PiecePicker picker = picker(SMALL, range(0, 63), piece -> 1);
        PeerPieces slow = picker.joined(bits(63));
        picker.pick(slow, 4, false, picks);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 100, -1, false)).isEqualTo(blocks(252, 256));
    }

    @Test
    void whatItDoesNotDeliverIsFreeForOthers() {
        PiecePicker picker = picker(SMALL, range(0, 60), piece -> 1);
        PeerPieces seed = picker.joinedWebSeed();
        assertThat(run(picker, seed, 100, 60, false)).hasSize(16);
        assertThat(picker.availability()).isEqualTo(1000);
        picker.left(seed);
        assertThat(picker.availability()).isZero();
        PeerPieces peer = picker.joined(range(60, 64));
        picker.pick(peer, 100, true, picks);
        assertThat(picks.size()).isEqualTo(16);
    }

    @Test
    void theFirstMissingPieceIsKnown() {
        PiecePicker picker = picker(SMALL);
        assertThat(picker.firstMissing()).isEqualTo(4);
        assertThat(picker(SMALL, range(0, 64), piece -> 1).firstMissing()).isEqualTo(-1);
    }
}
