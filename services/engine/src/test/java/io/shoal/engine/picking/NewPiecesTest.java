package io.shoal.engine.picking;

import static io.shoal.engine.picking.SingleFileGeometries.KIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.geometry.Geometry;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which piece is opened next. */
class NewPiecesTest extends PickerFixture {
    @Test
    void theRarestIsRequestedFirst() {
        PiecePicker picker = picker(SMALL);
        PeerPieces peer = picker.joined(range(0, 64));
        picker.joined(range(0, 30));
        picker.joined(bits(40));
        picker.joined(range(31, 63));
        picker.joined(range(0, 63));

        assertThat(pick(picker, peer, 4, true)).containsExactly(63);
        assertThat(pick(picker, peer, 4, true)).containsExactly(30);
    }

    @Test
    void rarityFollowsHaveMessagesAndLeavingPeers() {
        PiecePicker picker = picker(SMALL);
        PeerPieces peer = picker.joined(range(0, 63));
        PeerPieces other = picker.joined(range(0, 62));
        picker.has(other, 62);
        PeerPieces third = picker.joined(range(0, 62));
        PeerPieces fourth = picker.joined(range(0, 63));
        picker.has(third, 62);
        picker.left(fourth);
        PeerPieces fifth = picker.joined(range(0, 50));
        assertThat(pick(picker, peer, 4, true)).allMatch(piece -> piece >= 50);
        picker.left(fifth);
        picker.has(other, 63);

        assertThat(picker.availability()).isEqualTo(1000 + 1000 * 63 / 64);
    }

    @Test
    void theFirstPiecesAreChosenAtRandom() {
        Set<Integer> first = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            PiecePicker picker = new PiecePicker(SMALL, new BitSet(), piece -> 1, room, new Random(seed));
            PeerPieces peer = picker.joined(range(0, 63));
            picker.joined(range(1, 64)); // piece 0 is the rarest that the first peer has
            first.addAll(pick(picker, peer, 1, false));
        }
        assertThat(first).hasSizeGreaterThan(8);
    }

    @Test
    void anOpenPieceIsFinishedFirst() {
        PiecePicker picker = picker(SMALL);
        PeerPieces one = picker.joined(range(0, 64));
        PeerPieces two = picker.joined(range(0, 64));
        int started = pick(picker, one, 2, false).iterator().next();

        assertThat(pick(picker, two, 2, false)).containsExactly(started);
    }

    @Test
    void aStartedSegmentIsFilledFirst() {
        PiecePicker picker = picker(LARGE);
        PeerPieces seed = picker.joined(range(0, 48));
        int first = pick(picker, seed, 64, true).iterator().next();
        for (int i = 0; i < (first < 16 ? 11 : 15); i++) {
            pick(picker, seed, 64, true);
        }

        assertThat(opened).allMatch(piece -> piece / 16 == first / 16).doesNotHaveDuplicates();
        assertThat(pick(picker, seed, 64, true)).noneMatch(piece -> piece / 16 == first / 16);
    }

    @Test
    void priorityGoesBeforeEverythingElse() {
        PiecePicker picker = picker(LARGE, range(0, 4), piece -> piece == 40 ? 7 : piece == 41 ? 6 : 1);
        PeerPieces seed = picker.joined(range(0, 48));
        picker.joined(range(40, 42));
        PeerPieces late = picker.joined(range(0, 40));
        pick(picker, late, 8, false);

        assertThat(pick(picker, seed, 64, false)).containsExactly(40);
        assertThat(pick(picker, seed, 64, false)).containsExactly(41);
    }

    @Test
    void aFastPeerGetsPiecesOfItsOwn() {
        PiecePicker picker = picker(LARGE);
        PeerPieces slow = picker.joined(range(0, 48));
        PeerPieces fast = picker.joined(range(0, 48));
        PeerPieces faster = picker.joined(range(0, 48));
        Set<Integer> shared = pick(picker, slow, 2, false);
        Set<Integer> own = pick(picker, fast, 10, true);
        Set<Integer> others = pick(picker, faster, 10, true);

        assertThat(own).hasSize(1).doesNotContainAnyElementsOf(shared);
        assertThat(others).hasSize(1).doesNotContainAnyElementsOf(shared).doesNotContainAnyElementsOf(own);
        assertThat(pick(picker, fast, 54, true)).isEqualTo(own);
        assertThat(pick(picker, slow, 62, false)).isEqualTo(shared);
    }

    @Test
    void onlyPiecesThatThePeerHasAreRequestedFromIt() {
        PiecePicker picker = picker(SMALL);
        PeerPieces peer = picker.joined(bits(3, 9));
        picker.joined(range(0, 64));

        assertThat(pick(picker, peer, 512, false)).containsExactly(9);
        assertThat(picks.size()).isEqualTo(4);
    }

    @Test
    void aPeerWithLittleInAHugeTorrentIsServedToo() {
        Geometry huge = SingleFileGeometries.of(200_000L * 16 * KIB, 16 * KIB);
        PiecePicker picker = picker(huge, range(0, 4), piece -> 1);
        picker.joined(range(0, 150_000));
        PeerPieces peer = picker.joined(bits(77_777));

        assertThat(pick(picker, peer, 5, false)).containsExactly(77_777);
    }

    @Test
    void withoutRoomOnlyPiecesThatNeedNoneAreOpened() {
        PiecePicker picker = picker(LARGE);
        PeerPieces seed = picker.joined(range(0, 48));
        int started = pick(picker, seed, 64, true).iterator().next() / 16;
        full = true;
        PeerPieces elsewhere = picker.joined(started == 0 ? range(16, 48) : range(0, 16));
        assertThat(pick(picker, elsewhere, 64, true)).isEmpty();
        assertThat(pick(picker, seed, 64, true)).allMatch(piece -> piece / 16 == started);
        full = false;
        assertThat(pick(picker, elsewhere, 64, true)).isEmpty();
        picker.roomChanged();
        assertThat(pick(picker, elsewhere, 64, true)).hasSize(1);
    }

    @Test
    void withoutRoomOnlyStartedSegmentsAreSearched() {
        Geometry huge = SingleFileGeometries.of((1L << 17) * 16 * KIB, 16 * KIB);
        int perSegment = 1024;
        StorageRoom twoSegments = new StorageRoom() {
            @Override
            public boolean open(int piece) {
                return hasRoom(piece);
            }

            @Override
            public boolean hasRoom(int piece) {
                return piece / perSegment < 2;
            }
        };
        int[] tests = {0};
        PiecePicker picker = new PiecePicker(
                huge,
                range(0, 4),
                piece -> piece < 2 * perSegment ? 2 : 1,
                twoSegments,
                counting(tests),
                new Random(1));
        PeerPieces first = picker.joined(range(0, 1 << 17));
        for (int requests = 0; requests < 2 * perSegment - 4; requests += picks.size()) {
            assertThat(picker.pick(first, 512, false, picks)).isPositive();
        }
        PeerPieces seed = picker.joined(range(0, 1 << 17));
        PeerPieces most = picker.joined(range(1, 1 << 17));
        PeerPieces elsewhere = picker.joined(range(2 * perSegment, 1 << 17));
        for (PeerPieces peer : List.of(seed, most, elsewhere)) {
            picker.roomChanged();
            tests[0] = 0;
            picker.pick(peer, 512, false, picks);
            picker.pick(peer, 512, false, picks);
            assertThat(tests[0]).isLessThanOrEqualTo(2_000);
        }
    }

    private static Claims counting(int[] tests) {
        return new Claims() {
            @Override
            public boolean isClaimed(int piece) {
                tests[0]++;
                return false;
            }

            @Override
            public void claim(int piece, boolean fast) {}

            @Override
            public void renew(int piece) {}

            @Override
            public void release(int piece) {}

            @Override
            public void start(int segment) {}

            @Override
            public List<Integer> started() {
                return List.of();
            }
        };
    }
}
