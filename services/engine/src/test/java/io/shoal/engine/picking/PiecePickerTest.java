package io.shoal.engine.picking;

import static io.shoal.engine.picking.SingleFileGeometries.KIB;
import static io.shoal.engine.picking.SingleFileGeometries.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.engine.picking.PiecePicker.Receipt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of requests and open pieces. */
class PiecePickerTest extends PickerFixture {
    @Test
    void aFleetPeerTakesOverBlocksThatOutsidersHaveNotDelivered() {
        PiecePicker picker = picker(SMALL);
        PeerPieces seed = picker.joined(range(0, 64));
        List<Integer> requested = new ArrayList<>(pick(picker, seed, 12, true));
        assertThat(requested).hasSize(3);
        int started = requested.getFirst();
        picker.received(seed, started, 0, NO_CANCELS);
        PeerPieces fleet = picker.joined(range(0, 64), PeerPieces.Relation.FLEET);
        List<String> cancelled = new ArrayList<>();
        CancelListener cancels = (peer, piece, block) -> {
            assertThat(peer).isSameAs(seed);
            cancelled.add(piece + ":" + block);
        };

        assertThat(picker.takeOver(seed, 10, picks, cancels))
                .as("by an outsider")
                .isZero();
        assertThat(picker.takeOver(fleet, 5, picks, cancels)).isEqualTo(5);
        assertThat(cancelled).hasSize(5).noneMatch(block -> block.startsWith(started + ":"));
        assertThat(picker.takeOver(fleet, 10, picks, cancels)).isEqualTo(3);
        assertThat(seed.requested()).as("the rest of what is on its way").isEqualTo(3);
        assertThat(fleet.requested()).isEqualTo(8);
        assertThat(picker.takeOver(fleet, 10, picks, cancels)).isZero();
    }

    @Test
    void seedsCountInTheAvailabilityOfAll() {
        PiecePicker picker = picker(SMALL);
        assertThat(picker.availability()).isZero();
        PeerPieces seed = picker.joined(range(0, 64));
        picker.joined(range(0, 32));
        assertThat(picker.availability()).isEqualTo(1500);
        picker.left(seed);
        assertThat(picker.availability()).isEqualTo(500);
    }

    @Test
    void thoseOfOursCountForRarityAndNotInTheAvailabilityThatIsShown() {
        PiecePicker picker = picker(SMALL);
        PeerPieces one = picker.joined(range(0, 64));
        PeerPieces half = picker.joined(range(0, 32));
        PeerPieces fleet = picker.joined(range(31, 63), PeerPieces.Relation.FLEET);
        PeerPieces sibling = picker.joined(range(0, 64), PeerPieces.Relation.SIBLING);
        assertThat(picker.availability()).isEqualTo(1500);
        picker.has(half, 32);
        picker.has(fleet, 0);
        assertThat(picker.availability()).isEqualTo(1000 + 1000 * 33 / 64);
        assertThat(pick(picker, one, 4, true)).as("the rarest of all").containsExactly(63);
        picker.left(fleet);
        picker.left(sibling);
        assertThat(picker.availability()).isEqualTo(1000 + 1000 * 33 / 64);
        picker.left(half);
        picker.left(one);
        assertThat(picker.availability()).isZero();
    }

    @Test
    void aBucketIsAsAvailableAsItsRarestPieceAndOursDoNotCount() {
        PiecePicker picker = picker(SMALL);
        assertThat(picker.availability(1)).containsExactly(0);
        picker.joined(range(0, 64));
        picker.joined(range(0, 33));
        assertThat(picker.availability(2)).containsExactly(2, 1);
        assertThat(picker.availability(3)).as("0 to 20, 21 to 41, 42 to 63").containsExactly(2, 1, 1);
        assertThat(picker.availability(64)).hasSize(64).startsWith(2).endsWith(1);
        picker.joined(range(0, 64), PeerPieces.Relation.FLEET);
        picker.joined(range(5, 64), PeerPieces.Relation.SIBLING);
        assertThat(picker.availability(2)).containsExactly(2, 1);
    }

    @Test
    void interestLastsAsLongAsThePeerHasWhatWeNeed() {
        PiecePicker picker = picker(SMALL);
        PeerPieces peer = picker.joined(bits(2));
        assertThat(peer.isInteresting()).isFalse();
        picker.has(peer, 10);
        picker.has(peer, 10);
        assertThat(peer.isInteresting()).isTrue();
        pick(picker, peer, 4, false);
        deliver(picker, peer, 10, 4);
        assertThat(peer.isInteresting()).isTrue();
        picker.verified(10);
        assertThat(peer.isInteresting()).isFalse();
        picker.lost(bits(2));
        assertThat(peer.isInteresting()).isTrue();
        picker.prioritize(piece -> piece == 2 ? 0 : 1, NO_CANCELS);
        assertThat(peer.isInteresting()).isFalse();
    }

    @Test
    void piecesThatAreAnnouncedAgainCountOnce() {
        PiecePicker picker = picker(SMALL);
        PeerPieces peer = picker.joined(bits(1, 10));
        PeerPieces seed = picker.joined(range(0, 64));
        for (int time = 0; time < 2; time++) {
            picker.has(peer, bits(1, 10, 20));
            picker.has(seed, range(0, 64));
        }
        assertThat(peer.count()).isEqualTo(3);
        assertThat(picker.availability()).isEqualTo(1000 + 1000 * 3 / 64);
        picker.has(peer, range(0, 64));
        assertThat(peer.isSeed()).isTrue();
        assertThat(picker.availability()).isEqualTo(2000);
        picker.left(peer);
        assertThat(picker.availability()).isEqualTo(1000);
    }

    @Test
    void missingPiecesAreCounted() {
        PiecePicker picker = picker(SingleFileGeometries.of(4 * MIB - 100, 64 * KIB), range(0, 4), piece -> piece % 2);
        assertThat(picker.missing()).isEqualTo(30);
        assertThat(picker.missingBytes()).isEqualTo(30L * 64 * KIB - 100);
        PeerPieces peer = picker.joined(bits(63));
        pick(picker, peer, 4, false);
        deliver(picker, peer, 63, 4);
        picker.verified(63);
        assertThat(picker.missingBytes()).isEqualTo(29L * 64 * KIB);
        picker.lost(range(0, 64));
        assertThat(picker.missing()).isEqualTo(32);
        picker.prioritize(piece -> 0, NO_CANCELS);
        assertThat(picker.missing()).isZero();
        assertThat(picker.missingBytes()).isZero();
    }

    @Test
    void releasedBlocksAreRequestedFromOthers() {
        PiecePicker picker = picker(SMALL, range(1, 64), piece -> 1);
        PeerPieces one = picker.joined(range(0, 64));
        PeerPieces two = picker.joined(range(0, 64));
        PeerPieces three = picker.joined(range(0, 64));
        assertThat(picker.pick(one, 3, false, picks)).isEqualTo(3);
        assertThat(picker.release(one, 0, 1)).isTrue();
        assertThat(picker.release(one, 0, 1)).isFalse();
        picker.pick(two, 1, false, picks);
        assertThat(picks.block(0)).isEqualTo(1);
        picker.left(one);
        assertThat(one.requested()).isZero();
        picker.pick(three, 3, false, picks);
        assertThat(Set.of(picks.block(0), picks.block(1), picks.block(2))).containsExactlyInAnyOrder(0, 2, 3);
        picker.releaseAll(three);
        assertThat(picker.pick(two, 3, false, picks)).isEqualTo(3);
    }

    @Test
    void aLateBlockGoesToOthersAndNotToItsPeerAgain() {
        PiecePicker picker = picker(LARGE, range(0, 4), piece -> 1);
        PeerPieces stalled = picker.joined(range(0, 48));
        PeerPieces fast = picker.joined(range(0, 48));
        int piece = pick(picker, stalled, 64, false).iterator().next();
        pick(picker, fast, 64, true);
        picker.late(stalled, piece, 7);
        picker.late(stalled, piece, 9);
        assertThat(stalled.requested()).isEqualTo(62);

        assertThat(pick(picker, stalled, 1, false)).as("what it is late with").doesNotContain(piece);
        assertThat(pick(picker, fast, 2, true)).as("before a new piece").containsExactly(piece);
        assertThat(Set.of(picks.block(0), picks.block(1))).containsExactlyInAnyOrder(7, 9);
        List<PeerPieces> cancelled = new ArrayList<>();
        assertThat(picker.received(fast, piece, 7, (peer, p, block) -> cancelled.add(peer)))
                .isEqualTo(Receipt.KEPT);
        assertThat(cancelled).containsExactly(stalled);
        cancelled.clear();
        assertThat(picker.received(stalled, piece, 9, (peer, p, block) -> cancelled.add(peer)))
                .as("late, but first")
                .isEqualTo(Receipt.KEPT);
        assertThat(cancelled).containsExactly(fast);
    }

    @Test
    void aLateBlockMayBeRequestedAgainWhenItIsReleased() {
        PiecePicker picker = picker(SMALL, range(1, 64), piece -> 1);
        PeerPieces one = picker.joined(range(0, 64));
        PeerPieces two = picker.joined(range(0, 64));
        assertThat(picker.pick(one, 4, false, picks)).isEqualTo(4);
        picker.late(one, 0, 2);
        assertThat(picker.pick(one, 4, false, picks)).isZero();
        assertThat(picker.release(one, 0, 2)).isTrue();
        assertThat(picker.pick(one, 4, false, picks)).isEqualTo(1);
        picker.left(two);
        picker.late(one, 0, 2);
        assertThat(picker.pick(one, 4, false, picks)).as("no other has it").isEqualTo(1);
    }

    @Test
    void withoutRoomAnIdlePeerTakesOneBlockOfAnother() {
        PiecePicker picker = picker(LARGE);
        PeerPieces slow = picker.joined(range(0, 48));
        picker.pick(slow, 64, false, picks);
        int segment = picks.piece(0) / 16;
        full = true;
        while (picker.pick(slow, 64, false, picks) > 0) {
            assertThat(picks.piece(0) / 16).isEqualTo(segment);
        }
        PeerPieces idle = picker.joined(range(0, 48));
        assertThat(picker.pick(idle, 512, true, picks)).isEqualTo(1);
        int piece = picks.piece(0);
        int block = picks.block(0);
        assertThat(picker.pick(idle, 512, true, picks)).as("one at a time").isZero();
        List<PeerPieces> cancelled = new ArrayList<>();
        picker.received(idle, piece, block, (peer, p, b) -> cancelled.add(peer));
        assertThat(cancelled).containsExactly(slow);
        assertThat(picker.pick(idle, 512, true, picks)).as("the next one").isEqualTo(1);
        full = false;
        picker.roomChanged();
        assertThat(picker.pick(idle, 512, true, picks)).as("there is room").isEqualTo(512);
    }

    @Test
    void inTheEndGameBlocksAreRequestedTwiceAndCancelled() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        List<PeerPieces> seeds = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            seeds.add(picker.joined(range(0, 64)));
        }
        assertThat(picker.pick(seeds.get(0), 7, false, picks)).isEqualTo(7);
        // One block is free: no end game yet for the one who takes it, but for what it takes besides.
        assertThat(picker.pick(seeds.get(1), 1, false, picks)).isEqualTo(1);
        assertThat(picker.pick(seeds.get(2), 512, false, picks)).isEqualTo(8);
        assertThat(picker.pick(seeds.get(2), 512, false, picks)).isZero();
        assertThat(picker.pick(seeds.get(3), 512, false, picks)).isEqualTo(8);
        assertThat(picker.pick(seeds.get(4), 512, false, picks))
                .as("three at most")
                .isZero();

        List<PeerPieces> cancelled = new ArrayList<>();
        Receipt receipt = picker.received(seeds.get(2), picks.piece(0) == 0 ? 0 : 1, 0, (peer, piece, block) -> {
            cancelled.add(peer);
            assertThat(block).isZero();
        });
        assertThat(receipt).isEqualTo(Receipt.KEPT);
        assertThat(cancelled).hasSize(2).doesNotContain(seeds.get(2)).contains(seeds.get(3));
        assertThat(picker.received(seeds.get(3), picks.piece(0) == 0 ? 0 : 1, 0, NO_CANCELS))
                .isEqualTo(Receipt.UNWANTED);
    }

    @Test
    void theEndGameStartsWhenEverythingIsRequested() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        PeerPieces one = picker.joined(range(0, 64));
        PeerPieces other = picker.joined(bits(0));
        PeerPieces has1 = picker.joined(bits(1));
        pick(picker, has1, 4, false);
        assertThat(pick(picker, one, 3, false)).containsExactly(0);
        PeerPieces late = picker.joined(bits(1));
        assertThat(pick(picker, late, 4, false)).isEmpty();
        assertThat(pick(picker, other, 1, false)).containsExactly(0);
        assertThat(pick(picker, late, 4, false)).containsExactly(1);
    }

    @Test
    void unavailablePiecesDoNotPreventTheEndGame() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        PeerPieces one = picker.joined(bits(0));
        PeerPieces two = picker.joined(bits(0));
        assertThat(pick(picker, one, 4, false)).containsExactly(0);
        assertThat(pick(picker, two, 4, false)).containsExactly(0);
    }

    @Test
    void aPieceThatFailedComesFromOnePeerAlone() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        PeerPieces one = picker.joined(bits(0));
        PeerPieces two = picker.joined(bits(0));
        picker.pick(one, 2, false, picks);
        picker.pick(two, 2, false, picks);
        deliver(picker, one, 0, 4);
        picker.failed(0);

        assertThat(picker.pick(two, 2, false, picks)).isEqualTo(2);
        assertThat(picker.pick(one, 4, false, picks)).isZero();
        picker.pick(two, 2, false, picks);
        assertThat(picker.pick(one, 4, false, picks))
                .as("not in the end game either")
                .isZero();
        picker.releaseAll(two);
        assertThat(picker.pick(one, 4, false, picks)).as("another takes over").isEqualTo(4);
        deliver(picker, one, 0, 4);
        picker.verified(0);
        assertThat(picker.missing()).isEqualTo(1);
    }

    @Test
    void aPieceThatFailedIsTakenFromASlowPeer() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        PeerPieces slow = picker.joined(bits(0));
        PeerPieces fast = picker.joined(bits(0));
        picker.pick(slow, 2, false, picks);
        picker.pick(fast, 2, false, picks);
        deliver(picker, fast, 0, 4);
        picker.failed(0);
        assertThat(picker.pick(slow, 1, false, picks)).isEqualTo(1);
        for (int second = 1; second < OpenPieces.REVIEWS; second++) {
            picker.reviewOwners((owner, piece) -> true);
            assertThat(picker.pick(fast, 4, false, picks)).isZero();
        }
        picker.reviewOwners((owner, piece) -> false);
        assertThat(picker.pick(fast, 4, false, picks)).as("fast enough").isZero();
        picker.reviewOwners((owner, piece) -> owner == slow && piece == 0);

        assertThat(picker.pick(slow, 1, false, picks))
                .as("it would take it back")
                .isZero();
        assertThat(picker.pick(fast, 4, false, picks)).isEqualTo(4);
        picker.releaseAll(fast);
        picker.reviewOwners((owner, piece) -> true);
        assertThat(picker.pick(slow, 4, false, picks)).as("no other took it").isEqualTo(3);
    }

    @Test
    void theLastBlockCompletesThePiece() {
        PiecePicker picker = picker(SingleFileGeometries.of(64 * KIB + 1, 64 * KIB), new BitSet(), piece -> 1);
        PeerPieces peer = picker.joined(range(0, 2));
        picker.pick(peer, 512, false, picks);
        assertThat(picks.size()).isEqualTo(5);
        assertThat(picker.received(peer, 1, 0, NO_CANCELS)).isEqualTo(Receipt.COMPLETED);
        for (int block = 0; block < 3; block++) {
            assertThat(picker.received(peer, 0, block, NO_CANCELS)).isEqualTo(Receipt.KEPT);
        }
        assertThat(picker.received(peer, 0, 3, NO_CANCELS)).isEqualTo(Receipt.COMPLETED);
        picker.verified(1);
        picker.verified(0);
        assertThat(picker.openCount()).isZero();
        assertThat(picker.received(peer, 0, 3, NO_CANCELS)).isEqualTo(Receipt.UNWANTED);
    }

    @Test
    void unwantedPiecesAreDroppedUnlessComplete() {
        PiecePicker picker = picker(SMALL, range(2, 64), piece -> 1);
        PeerPieces peer = picker.joined(range(0, 2));
        picker.pick(peer, 8, false, picks);
        deliver(picker, peer, 0, 4);
        List<Integer> cancelled = new ArrayList<>();
        BitSet dropped = picker.prioritize(piece -> 0, (p, piece, block) -> cancelled.add(piece * 10 + block));

        assertThat(dropped).isEqualTo(bits(1));
        assertThat(cancelled).containsExactlyInAnyOrder(10, 11, 12, 13);
        assertThat(peer.requested()).isZero();
        picker.verified(0);
        assertThat(picker.openCount()).isZero();
        assertThat(picker.missing()).isZero();
        picker.prioritize(piece -> 1, NO_CANCELS);
        assertThat(picker.missing()).isEqualTo(1);
        assertThat(pick(picker, peer, 8, false)).containsExactly(1);
    }

    @Test
    void piecesThatDoNotExistAreRefused() {
        PiecePicker picker = picker(SMALL);
        assertThatThrownBy(() -> picker.joined(bits(64))).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
