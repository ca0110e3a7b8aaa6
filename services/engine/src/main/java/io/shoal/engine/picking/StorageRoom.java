package io.shoal.engine.picking;

/** Whether there is room for the bytes of a piece: the store, as the picker sees it. */
public interface StorageRoom {
    /** Makes room for all of {@code piece}, or for none of it and answers false: there is none now. */
    boolean open(int piece);

    /** Whether {@link #open} would need no new room. */
    boolean hasRoom(int piece);
}
