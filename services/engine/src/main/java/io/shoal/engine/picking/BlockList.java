package io.shoal.engine.picking;

/**
 * A reusable list of blocks: the result of {@link PiecePicker#pick}. Its capacity is fixed, so that picking allocates
 * nothing.
 */
public final class BlockList {
    private final int[] pieces;
    private final int[] blocks;
    private int size;

    /** Creates an empty list for {@code capacity} blocks. */
    public BlockList(int capacity) {
        pieces = new int[capacity];
        blocks = new int[capacity];
    }

    /** How many blocks it can hold. */
    public int capacity() {
        return pieces.length;
    }

    /** How many blocks it holds. */
    public int size() {
        return size;
    }

    /** Piece of the {@code i}th block. */
    public int piece(int i) {
        return pieces[i];
    }

    /** Number of the {@code i}th block in its piece. */
    public int block(int i) {
        return blocks[i];
    }

    void clear() {
        size = 0;
    }

    void add(int piece, int block) {
        pieces[size] = piece;
        blocks[size] = block;
        size++;
    }
}
