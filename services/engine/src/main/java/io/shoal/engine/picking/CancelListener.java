package io.shoal.engine.picking;

/** Is notified of requests that are not wanted any more. They count as withdrawn when it is called. */
@FunctionalInterface
public interface CancelListener {
    /** This block was requested from {@code peer}, to which CANCEL should be sent. */
    void cancel(PeerPieces peer, int piece, int block);
}
