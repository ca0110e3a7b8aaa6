package io.shoal.engine.picking;

/** Hears of requests that are not wanted any more. They count as withdrawn when it is called. */
@FunctionalInterface
public interface CancelListener {
    /** {@code peer} was asked for this block and should be sent CANCEL. */
    void cancel(PeerPieces peer, int piece, int block);
}
