package io.shoal.engine.picking;

import static io.shoal.engine.picking.SingleFileGeometries.KIB;
import static io.shoal.engine.picking.SingleFileGeometries.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.picking.PiecePicker.Receipt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plays a random swarm against the picker and, beside it, a naive one that recounts everything each time: what is chosen must
 * be allowed, what could be chosen must not be held back, and all counts must agree. A failure is replayed by its seed.
 */
class PickerModelTest {
    private static final int STEPS = 2_000;

    /** What one block may be: requested from these peers, of which some are late, or received. */
    private static final class Block {
        final Set<PeerPieces> requested = new HashSet<>();
        final Set<PeerPieces> late = new HashSet<>();
        boolean received;

        boolean isFreeFor(PeerPieces peer) {
            return !received && requested.isEmpty() && !late.contains(peer);
        }

        boolean withdraw(PeerPieces peer) {
            return requested.remove(peer) || late.remove(peer);
        }
    }

    private static final class Model implements StorageRoom {
        final Geometry geometry;
        final Pieces pieces;
        final Random random;
        final BitSet held = new BitSet();
        final int[] wish;
        final Map<Integer, List<Block>> open = new LinkedHashMap<>();
        final Map<PeerPieces, BitSet> peers = new LinkedHashMap<>();
        final Set<Integer> segments = new HashSet<>();
        final Set<Integer> suspects = new HashSet<>();
        int roomLeft;

        Model(Geometry geometry, Random random) {
            this.geometry = geometry;
            this.pieces = geometry.pieces();
            this.random = random;
            this.wish = new int[pieces.count()];
        }

        @Override
        public boolean open(int piece) {
            assertThat(open).as("opened twice").doesNotContainKey(piece);
            assertThat(needed(piece)).as("opened in vain").isTrue();
            if (!hasRoom(piece)) {
                if (roomLeft == 0) {
                    return false;
                }
                roomLeft--;
                var range = geometry.segmentsOfPiece(piece);
                for (int segment = range.from(); segment < range.to(); segment++) {
                    segments.add(segment);
                }
            }
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < pieces.blocks(piece); i++) {
                blocks.add(new Block());
            }
            open.put(piece, blocks);
            return true;
        }

        @Override
        public boolean hasRoom(int piece) {
            var range = geometry.segmentsOfPiece(piece);
            for (int segment = range.from(); segment < range.to(); segment++) {
                if (!segments.contains(segment)) {
                    return false;
                }
            }
            return true;
        }

        BitSet has(PeerPieces peer) {
            return Objects.requireNonNull(peers.get(peer));
        }

        List<Block> blocks(int piece) {
            return Objects.requireNonNull(open.get(piece));
        }

        boolean needed(int piece) {
            return wish[piece] > 0 && !held.get(piece);
        }

        boolean hasFree(int piece, PeerPieces peer) {
            return open.getOrDefault(piece, List.of()).stream().anyMatch(b -> b.isFreeFor(peer));
        }

        boolean hasUnrequested(int piece) {
            return open.getOrDefault(piece, List.of()).stream()
                    .anyMatch(b -> !b.received && b.requested.isEmpty() && b.late.isEmpty());
        }

        int requested(PeerPieces peer) {
            return open.values().stream()
                    .mapToInt(blocks -> (int) blocks.stream()
                            .filter(b -> b.requested.contains(peer))
                            .count())
                    .sum();
        }

        void forget(PeerPieces peer) {
            open.values().forEach(blocks -> blocks.forEach(b -> b.withdraw(peer)));
        }

        boolean isComplete(int piece) {
            return open.getOrDefault(piece, List.of()).stream().allMatch(b -> b.received);
        }

        int copies(int piece) {
            return (int) peers.values().stream().filter(has -> has.get(piece)).count();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void thePickerAgreesWithANaiveOne(long seed) {
        Random random = new Random(seed);
        Geometry geometry = random.nextBoolean()
                ? SingleFileGeometries.of(40L * MIB - random.nextInt(MIB), MIB)
                : SingleFileGeometries.of(6L * MIB - random.nextInt(MIB), 48 * KIB);
        Model model = new Model(geometry, random);
        model.roomLeft = 2;
        int count = model.pieces.count();
        for (int piece = 0; piece < count; piece++) {
            model.wish[piece] = random.nextInt(4) == 0 ? random.nextInt(8) : 1;
        }
        PiecePicker picker = new PiecePicker(geometry, model.held, piece -> model.wish[piece], model, new Random(seed));
        for (int step = 0; step < STEPS; step++) {
            step(model, picker);
            if (step % 64 == 0) {
                compare(model, picker);
            }
        }
        finish(model, picker);
    }

    private void step(Model model, PiecePicker picker) {
        Random random = model.random;
        int count = model.pieces.count();
        switch (random.nextInt(20)) {
            case 0 -> {
                if (model.peers.size() < 8) {
                    join(model, picker, random.nextInt(3) == 0 ? 1.1 : random.nextDouble());
                }
            }
            case 1 -> {
                PeerPieces peer = anyPeer(model);
                if (peer != null && random.nextInt(4) == 0) {
                    picker.left(peer);
                    model.peers.remove(peer);
                    model.forget(peer);
                }
            }
            case 2, 3 -> {
                PeerPieces peer = anyPeer(model);
                if (peer != null) {
                    int piece = random.nextInt(count);
                    picker.has(peer, piece);
                    model.has(peer).set(piece);
                }
            }
            case 4 -> {
                PeerPieces peer = anyPeer(model);
                if (peer != null) {
                    picker.releaseAll(peer);
                    model.forget(peer);
                }
            }
            case 5 -> {
                release(model, picker);
                late(model, picker);
                late(model, picker);
            }
            case 6 -> {
                if (random.nextInt(10) == 0) {
                    wish(model, picker);
                }
            }
            case 7 -> {
                if (random.nextInt(20) == 0 && !model.held.isEmpty()) {
                    BitSet lost = new BitSet();
                    lost.set(model.held.nextSetBit(0));
                    lost.set(random.nextInt(count));
                    picker.lost(lost);
                    model.held.andNot(lost);
                }
            }
            case 8 -> {
                model.roomLeft += random.nextInt(5) == 0 ? 1 : 0;
                picker.roomChanged();
            }
            case 9, 10, 11, 12 -> pick(model, picker);
            default -> receive(model, picker);
        }
    }

    private static void join(Model model, PiecePicker picker, double share) {
        BitSet has = new BitSet();
        for (int piece = 0; piece < model.pieces.count(); piece++) {
            has.set(piece, model.random.nextDouble() < share);
        }
        model.peers.put(picker.joined(has), has);
    }

    private static @Nullable PeerPieces anyPeer(Model model) {
        List<PeerPieces> peers = List.copyOf(model.peers.keySet());
        return peers.isEmpty() ? null : peers.get(model.random.nextInt(peers.size()));
    }

    private void wish(Model model, PiecePicker picker) {
        for (int i = 0; i < 5; i++) {
            model.wish[model.random.nextInt(model.wish.length)] = model.random.nextInt(8);
        }
        Set<String> cancelled = new HashSet<>();
        BitSet dropped = picker.prioritize(
                piece -> model.wish[piece],
                (peer, piece, block) -> assertThat(cancelled.add(peer.hashCode() + ":" + piece + ":" + block))
                        .isTrue());
        BitSet expected = new BitSet();
        int requests = 0;
        for (var each : List.copyOf(model.open.entrySet())) {
            if (model.wish[each.getKey()] == 0 && !model.isComplete(each.getKey())) {
                expected.set(each.getKey());
                requests += each.getValue().stream()
                        .mapToInt(b -> b.requested.size() + b.late.size())
                        .sum();
                model.open.remove(each.getKey());
            }
        }
        assertThat(dropped).isEqualTo(expected);
        assertThat(cancelled).hasSize(requests);
    }

    private void release(Model model, PiecePicker picker) {
        PeerPieces peer = anyPeer(model);
        if (peer == null || model.open.isEmpty()) {
            return;
        }
        int piece = anyOpen(model);
        int block = model.random.nextInt(model.pieces.blocks(piece));
        assertThat(picker.release(peer, piece, block))
                .isEqualTo(model.blocks(piece).get(block).withdraw(peer));
    }

    private void late(Model model, PiecePicker picker) {
        PeerPieces peer = anyPeer(model);
        if (peer == null || model.open.isEmpty()) {
            return;
        }
        int piece = anyOpen(model);
        int number = model.random.nextInt(model.pieces.blocks(piece));
        picker.late(peer, piece, number);
        Block block = model.blocks(piece).get(number);
        if (model.copies(piece) <= 1) {
            block.withdraw(peer);
        } else if (block.requested.remove(peer)) {
            block.late.add(peer);
            if (model.suspects.contains(piece)) {
                for (Block each : model.blocks(piece)) {
                    if (each.requested.remove(peer)) {
                        each.late.add(peer);
                    }
                }
            }
        }
    }

    private static int anyOpen(Model model) {
        List<Integer> open = List.copyOf(model.open.keySet());
        return open.get(model.random.nextInt(open.size()));
    }

    private void pick(Model model, PiecePicker picker) {
        PeerPieces peer = anyPeer(model);
        if (peer == null) {
            return;
        }
        BlockList picks = new BlockList(64);
        int want = 1 + model.random.nextInt(40);
        boolean fast = model.random.nextBoolean();
        int best = best(model, peer);
        boolean everythingAsked = everythingAsked(model);
        picker.pick(peer, want, fast, picks);
        BitSet has = model.has(peer);
        int again = 0;
        for (int i = 0; i < picks.size(); i++) {
            int piece = picks.piece(i);
            assertThat(has.get(piece)).isTrue();
            assertThat(model.needed(piece)).isTrue();
            Block block = model.blocks(piece).get(picks.block(i));
            assertThat(block.received).isFalse();
            if (!block.requested.isEmpty()) {
                again++;
                assertThat(model.suspects).doesNotContain(piece);
            }
            assertThat(block.late).as("late with it").doesNotContain(peer);
            if (block.requested.size() + block.late.size() == OpenPiece.REQUESTS_MAX) {
                assertThat(block.requested).isEmpty();
                block.late.clear();
            }
            assertThat(block.requested.add(peer)).as("asked twice").isTrue();
        }
        if (again > 0) {
            assertThat(everythingAsked(model) || model.roomLeft == 0 && picks.size() == 1)
                    .as("an end game too early")
                    .isTrue();
            assertThat(model.requested(peer)).isLessThanOrEqualTo(OpenPieces.END_GAME_DEPTH + want);
        }
        if (best > 0 && !everythingAsked) {
            assertThat(picks.size()).as("held back").isPositive();
            assertThat(model.wish[picks.piece(0)]).as("less wanted").isGreaterThanOrEqualTo(best);
        }
    }

    /** The highest wish among the pieces that can be had from this peer for sure: free blocks, or room; 0 if there is none. */
    private static int best(Model model, PeerPieces peer) {
        int best = 0;
        for (int piece = 0; piece < model.pieces.count(); piece++) {
            boolean isOpen = model.open.containsKey(piece);
            if (model.needed(piece)
                    && model.has(peer).get(piece)
                    && !model.suspects.contains(piece)
                    && (isOpen ? model.hasFree(piece, peer) : model.hasRoom(piece))) {
                best = Math.max(best, model.wish[piece]);
            }
        }
        return best;
    }

    private static boolean everythingAsked(Model model) {
        for (int piece = 0; piece < model.pieces.count(); piece++) {
            if (model.needed(piece)
                    && model.copies(piece) > 0
                    && (!model.open.containsKey(piece) || model.hasUnrequested(piece))) {
                return false;
            }
        }
        return true;
    }

    private void receive(Model model, PiecePicker picker) {
        if (model.open.isEmpty()) {
            return;
        }
        int piece = anyOpen(model);
        List<Block> blocks = model.blocks(piece);
        int number = model.random.nextInt(blocks.size());
        Block block = blocks.get(number);
        PeerPieces from = block.requested.isEmpty()
                ? anyPeer(model)
                : block.requested.iterator().next();
        if (from == null || block.requested.isEmpty() && model.random.nextInt(10) > 0) {
            return;
        }
        Set<PeerPieces> cancelled = new HashSet<>();
        Receipt receipt = picker.received(from, piece, number, (peer, p, b) -> {
            assertThat(p).isEqualTo(piece);
            assertThat(b).isEqualTo(number);
            cancelled.add(peer);
        });
        if (block.received) {
            assertThat(receipt).isEqualTo(Receipt.UNWANTED);
            return;
        }
        block.received = true;
        block.withdraw(from);
        block.requested.addAll(block.late);
        assertThat(cancelled).isEqualTo(block.requested);
        block.requested.clear();
        block.late.clear();
        assertThat(receipt).isEqualTo(model.isComplete(piece) ? Receipt.COMPLETED : Receipt.KEPT);
        if (receipt == Receipt.COMPLETED) {
            model.open.remove(piece);
            if (model.random.nextInt(5) == 0) {
                picker.failed(piece);
                model.suspects.add(piece);
            } else {
                picker.verified(piece);
                model.held.set(piece);
                model.suspects.remove(piece);
            }
        }
    }

    private static void compare(Model model, PiecePicker picker) {
        int missing = 0;
        long bytes = 0;
        int rarest = Integer.MAX_VALUE;
        Map<Integer, Integer> piecesWith = new HashMap<>();
        for (int piece = 0; piece < model.pieces.count(); piece++) {
            missing += model.needed(piece) ? 1 : 0;
            bytes += model.needed(piece) ? model.pieces.length(piece) : 0;
            int copies = model.copies(piece);
            rarest = Math.min(rarest, copies);
            piecesWith.merge(copies, 1, Integer::sum);
            assertThat(picker.isOpen(piece)).isEqualTo(model.open.containsKey(piece));
        }
        int more = model.pieces.count() - piecesWith.getOrDefault(rarest, 0);
        assertThat(picker.missing()).isEqualTo(missing);
        assertThat(picker.missingBytes()).isEqualTo(bytes);
        assertThat(picker.openCount()).isEqualTo(model.open.size());
        assertThat(picker.availability()).isEqualTo(1000 * rarest + 1000 * more / model.pieces.count());
        for (var each : model.peers.entrySet()) {
            long useful = each.getValue().stream().filter(model::needed).count();
            assertThat(each.getKey().isInteresting()).isEqualTo(useful > 0);
            assertThat(each.getKey().requested()).isEqualTo(model.requested(each.getKey()));
            assertThat(each.getKey().count()).isEqualTo(each.getValue().cardinality());
        }
    }

    /** A seed comes, room is plenty, and everything that is wanted is got. */
    private void finish(Model model, PiecePicker picker) {
        model.roomLeft = 1000;
        picker.roomChanged();
        join(model, picker, 1.1);
        for (int round = 0; round < 200_000 && picker.missing() > 0; round++) {
            if (round % 16 == 0) {
                pick(model, picker);
            }
            receive(model, picker);
        }
        compare(model, picker);
        assertThat(picker.missing()).isZero();
    }
}
