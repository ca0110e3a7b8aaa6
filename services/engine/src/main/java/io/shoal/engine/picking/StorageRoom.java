package io.shoal.engine.picking;

/** The store as the picker sees it: whether there is room for the bytes of a piece. */
public interface StorageRoom {
    /** Reserves room for all of {@code piece}, or for none of it and returns false: there is no room now. */
    boolean open(int piece);

    /** Whether {@link #open} would need no new room. */
    boolean hasRoom(int piece);
}
