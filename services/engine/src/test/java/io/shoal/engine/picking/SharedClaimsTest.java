package io.shoal.engine.picking;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.geometry.Geometry;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What siblings get from outsiders is downloaded once. */
class SharedClaimsTest {
    private static final int PIECES = 64;
    private static final int BLOCKS = 4;

    private final SharedClaims shared = new SharedClaims();
    private final PiecePicker one = picker(1);
    private final PiecePicker other = picker(2);
    private final PeerPieces seedOfOne = one.joined(all());
    private final PeerPieces seedOfOther = other.joined(all());
    private final BlockList picks = new BlockList(PIECES * BLOCKS);
    private Duration now = Duration.ZERO;

    private PiecePicker picker(int random) {
        return picker(
                SingleFileGeometries.of(4 * SingleFileGeometries.MIB, 64 * SingleFileGeometries.KIB),
                shared.of(PIECES, () -> now.toNanos()),
                random);
    }

    private static PiecePicker picker(Geometry geometry, Claims claims, int random) {
        StorageRoom room = new StorageRoom() {
            @Override
            public boolean open(int piece) {
                return true;
            }

            @Override
            public boolean hasRoom(int piece) {
                return true;
            }
        };
        return new PiecePicker(geometry, new BitSet(), piece -> 1, room, claims, new Random(random));
    }

    private static BitSet all() {
        BitSet all = new BitSet();
        all.set(0, PIECES);
        return all;
    }

    private Set<Integer> pick(PiecePicker picker, PeerPieces peer, int pieces, boolean fast) {
        picker.pick(peer, pieces * BLOCKS, fast, picks);
        Set<Integer> picked = new HashSet<>();
        for (int i = 0; i < picks.size(); i++) {
            picked.add(picks.piece(i));
        }
        return picked;
    }

    @Test
    void differentPiecesAreRequestedFromOutsiders() {
        Set<Integer> first = pick(one, seedOfOne, 40, true);
        Set<Integer> second = pick(other, seedOfOther, 40, true);
        assertThat(first).hasSize(40);
        assertThat(second).hasSize(24).doesNotContainAnyElementsOf(first);
    }

    @Test
    void claimedPiecesAreRequestedFromTheSiblingOnly() {
        Set<Integer> got = pick(one, seedOfOne, 40, true);
        pick(other, seedOfOther, 40, true);
        BitSet has = new BitSet();
        got.forEach(has::set);
        PeerPieces sibling = other.joined(has, PeerPieces.Relation.SIBLING);
        assertThat(pick(other, sibling, 10, true)).hasSize(10).isSubsetOf(got);
        assertThat(pick(other, seedOfOther, 1, true))
                .as("blocks of pieces that come from the sibling")
                .isEmpty();
        assertThat(pick(other, other.joined(has, PeerPieces.Relation.SIBLING), 64, true))
                .as("the rest")
                .hasSize(30);
        assertThat(pick(other, other.joined(has, PeerPieces.Relation.SIBLING), 64, true))
                .as("asked of a sibling already")
                .isEmpty();
    }

    @Test
    void aClaimEndsWithItsTimeSoonerFromASlowPeer() {
        Set<Integer> fast = pick(one, seedOfOne, 10, true);
        PeerPieces slowPeer = one.joined(all());
        Set<Integer> slow = pick(one, slowPeer, 1, false); // as far as is known it may be fast
        Set<Integer> unknown = Set.copyOf(slow);
        one.received(slowPeer, slow.iterator().next(), 0, (peer, piece, block) -> {});
        slow = pick(one, slowPeer, 9, false);
        assertThat(pick(other, seedOfOther, PIECES, true)).hasSize(PIECES - 20);

        now = SharedClaims.FROM_SLOW.plusMillis(1);
        assertThat(pick(other, seedOfOther, PIECES, true)).isEqualTo(slow);
        now = SharedClaims.FROM_FAST.plusMillis(1);
        assertThat(pick(other, seedOfOther, PIECES, true))
                .containsAll(fast)
                .containsAll(unknown)
                .hasSize(11);
    }

    @Test
    void aVerifiedPieceExtendsItsClaim() {
        int piece = pick(one, seedOfOne, 1, true).iterator().next();
        now = SharedClaims.FROM_FAST.minusSeconds(1);
        for (int block = 0; block < BLOCKS; block++) {
            one.received(seedOfOne, piece, block, (peer, p, b) -> {});
        }
        one.verified(piece);
        now = SharedClaims.FROM_FAST.plusSeconds(10);
        assertThat(pick(other, seedOfOther, PIECES, true)).doesNotContain(piece).hasSize(PIECES - 1);
    }

    @Test
    void aChokedTorrentReleasesItsClaims() {
        Set<Integer> first = pick(one, seedOfOne, 40, true);
        one.releaseAll(seedOfOne);
        assertThat(pick(other, seedOfOther, PIECES, true)).containsAll(first);
    }

    @Test
    void siblingsStartTheSameSegments() {
        Geometry geometry = SingleFileGeometries.of(128L * SingleFileGeometries.MIB, 128 * SingleFileGeometries.KIB);
        int pieces = geometry.pieces().count();
        BitSet seed = new BitSet();
        seed.set(0, pieces);
        SharedClaims siblings = new SharedClaims();
        siblings.of(pieces, () -> now.toNanos());
        BitSet started = new BitSet();
        for (int torrent = 0; torrent < 16; torrent++) {
            PiecePicker picker = picker(geometry, siblings.of(pieces, () -> now.toNanos()), torrent);
            picker.pick(picker.joined(seed), 6 * geometry.pieces().blocks(0), true, picks);
            for (int i = 0; i < picks.size(); i++) {
                started.set(geometry.segmentsOfPiece(picks.piece(i)).from());
            }
        }
        assertThat(started.cardinality())
                .as("96 pieces are requested, a segment has 128")
                .isEqualTo(1);
    }

    @Test
    void anOutsiderIsAskedLastForWhatAnotherWorkerHas() {
        Geometry geometry = SingleFileGeometries.of(128L * SingleFileGeometries.MIB, 128 * SingleFileGeometries.KIB);
        int pieces = geometry.pieces().count();
        BitSet segment = new BitSet();
        segment.set(0, 128);
        BitSet seed = new BitSet();
        seed.set(0, pieces);
        PiecePicker picker = picker(geometry, new SharedClaims().of(pieces, () -> now.toNanos()), 1);
        picker.pick(
                picker.joined(segment, PeerPieces.Relation.FLEET),
                geometry.pieces().blocks(0),
                true,
                picks);
        assertThat(picks.piece(0)).as("its segment is started").isLessThan(128);

        PeerPieces outsider = picker.joined(seed);
        for (int i = 0; i < 10; i++) {
            picker.pick(outsider, geometry.pieces().blocks(0), true, picks);
            assertThat(picks.piece(0)).isGreaterThanOrEqualTo(128);
        }
    }

    @Test
    void workersStartDifferentSegments() {
        Geometry geometry = SingleFileGeometries.of(128L * SingleFileGeometries.MIB, 128 * SingleFileGeometries.KIB);
        int pieces = geometry.pieces().count();
        BitSet ofOtherWorker = new BitSet();
        for (int segment = 0; segment < 6; segment++) {
            ofOtherWorker.set(segment * 128);
        }
        BitSet seed = new BitSet();
        seed.set(0, pieces);
        SharedClaims siblings = new SharedClaims();
        siblings.of(pieces, () -> now.toNanos());
        PiecePicker picker = picker(geometry, siblings.of(pieces, () -> now.toNanos()), 1);
        picker.joined(ofOtherWorker, PeerPieces.Relation.FLEET);
        PeerPieces outsider = picker.joined(seed);

        Set<Integer> segments = new HashSet<>();
        for (int i = 0; i < 256; i++) {
            picker.pick(outsider, geometry.pieces().blocks(0), true, picks);
            segments.add(picks.piece(0) / 128);
        }
        assertThat(segments).containsExactlyInAnyOrder(6, 7);
        picker.pick(outsider, geometry.pieces().blocks(0), true, picks);
        assertThat(picks.piece(0)).as("what is left").isLessThan(6 * 128);
    }
}
