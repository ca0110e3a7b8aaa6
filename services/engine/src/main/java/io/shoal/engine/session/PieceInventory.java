package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Pieces;
import java.util.BitSet;

/**
 * The pieces that this torrent has.
 *
 * <p>Invariant: served pieces are verified, and {@link #left} is the length of all that is not verified.
 */
final class PieceInventory {
    private final Pieces pieces;
    private final BitSet verified;
    private final BitSet served;
    private long left;

    /** @param held taken over; all of it can be served */
    PieceInventory(Pieces pieces, BitSet held) {
        this.pieces = pieces;
        this.verified = held;
        this.served = (BitSet) held.clone();
        this.left = pieces.total();
        for (int piece = held.nextSetBit(0); piece >= 0; piece = held.nextSetBit(piece + 1)) {
            left -= pieces.length(piece);
        }
    }

    BitSet verified() {
        return verified;
    }

    BitSet served() {
        return served;
    }

    long left() {
        return left;
    }

    /** @param serves whether it can be served: all of it is stored */
    void add(int piece, boolean serves) {
        verified.set(piece);
        served.set(piece, serves);
        left -= pieces.length(piece);
    }

    void remove(BitSet lost) {
        for (int piece = lost.nextSetBit(0); piece >= 0; piece = lost.nextSetBit(piece + 1)) {
            if (verified.get(piece)) {
                verified.clear(piece);
                left += pieces.length(piece);
            }
        }
        served.andNot(lost);
    }
}
