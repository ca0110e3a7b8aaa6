package io.shoal.engine.picking;

import static io.shoal.engine.picking.SingleFileGeometries.KIB;
import static io.shoal.engine.picking.SingleFileGeometries.MIB;

import io.shoal.bittorrent.geometry.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** A picker, the room of its store, and short words for what peers have and send. */
abstract class PickerFixture {
    /** 64 pieces of 4 blocks; 4 MiB are one pack, so all lies in one segment. */
    static final Geometry SMALL = SingleFileGeometries.of(4 * MIB, 64 * KIB);

    /** 48 pieces of 64 blocks, 16 in each of 3 segments. */
    static final Geometry LARGE = SingleFileGeometries.of(48L * MIB, MIB);

    static final CancelListener NO_CANCELS = (peer, piece, block) -> {
        throw new AssertionError("cancelled " + piece + ":" + block);
    };

    final Set<Integer> refused = new HashSet<>();
    final List<Integer> opened = new ArrayList<>();
    boolean full;
    final BlockList picks = new BlockList(512);

    final StorageRoom room = new StorageRoom() {
        @Override
        public boolean open(int piece) {
            if (full && !hasRoom(piece)) {
                return false;
            }
            opened.add(piece);
            return true;
        }

        @Override
        public boolean hasRoom(int piece) {
            return !refused.contains(piece) && opened.stream().anyMatch(other -> other / 16 == piece / 16);
        }
    };

    PiecePicker picker(Geometry geometry, BitSet held, IntUnaryOperator wish) {
        return new PiecePicker(geometry, held, wish, room, new Random(1));
    }

    /** A picker that has enough to go by rarity: the first four pieces are held. */
    PiecePicker picker(Geometry geometry) {
        return picker(geometry, range(0, 4), piece -> 1);
    }

    static BitSet range(int from, int to) {
        BitSet bits = new BitSet();
        bits.set(from, to);
        return bits;
    }

    static BitSet bits(int... pieces) {
        BitSet bits = new BitSet();
        for (int piece : pieces) {
            bits.set(piece);
        }
        return bits;
    }

    Set<Integer> pick(PiecePicker picker, PeerPieces peer, int count, boolean fast) {
        picker.pick(peer, count, fast, picks);
        Set<Integer> pieces = new HashSet<>();
        for (int i = 0; i < picks.size(); i++) {
            pieces.add(picks.piece(i));
        }
        return pieces;
    }

    /** Downloads all of {@code piece} from {@code peer}, whichever peers it was requested from. */
    void deliver(PiecePicker picker, PeerPieces peer, int piece, int blocks) {
        for (int block = 0; block < blocks; block++) {
            picker.received(peer, piece, block, (other, p, b) -> {});
        }
    }
}
