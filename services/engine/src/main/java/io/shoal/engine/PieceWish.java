package io.shoal.engine;

/**
 * How much each piece is wanted. Pieces that the store already holds may be wanted too; they are not downloaded again.
 *
 * <p>Must not change after it was handed over: it is read on another thread.
 */
@FunctionalInterface
public interface PieceWish {
    /** Every piece, alike. */
    PieceWish ALL = piece -> 1;

    /**
     * Returns 0 if {@code piece} is not wanted, else its priority from 1 (least) to 7. Higher priorities are requested
     * first, whatever their rarity.
     */
    int of(int piece);
}
