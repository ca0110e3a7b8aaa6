package io.shoal.engine;

/**
 * How much each piece is wanted. Pieces that the store holds already may be wanted too: holding comes first.
 *
 * <p>Must not change after it was handed over: it is read on another thread.
 */
@FunctionalInterface
public interface PieceWish {
    /** Every piece, alike. */
    PieceWish ALL = piece -> 1;

    /** 0 if {@code piece} is not wanted, else from 1 (least) to 7. Higher ones are asked for first, whatever their rarity. */
    int of(int piece);
}
