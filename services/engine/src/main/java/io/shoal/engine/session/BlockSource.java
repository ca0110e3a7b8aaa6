package io.shoal.engine.session;

import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import io.shoal.engine.verifying.Sender;
import org.jspecify.annotations.Nullable;

/** What blocks are requested from: a peer, or a web seed. */
sealed interface BlockSource permits ConnectedPeer, ConnectedWebSeed {
    /** Returns its pieces; null before it has announced them, and after it has left. */
    @Nullable
    PeerPieces pieces();

    /** Returns the identity that is banned if its blocks are wrong. */
    Sender sender();

    /** Returns how many more blocks should be requested now. */
    int requestsToSend();

    /** Whether it would deliver {@code bytes} within {@code seconds}. */
    boolean canDeliver(int bytes, int seconds);

    /** Whether it answers requests at present, as far as is known. */
    boolean isDelivering();

    /** Returns payload bytes received per second. */
    long rate();

    /** Returns the most that {@link #rate} has been. */
    long bestRate();

    /** Chooses the blocks to request from it, as suits it. */
    int pick(PiecePicker picker, PeerPieces from, int count, boolean fast, BlockList into);

    void request(int piece, int block);

    void cancel(int piece, int block);

    void cancelAll();

    /** Sends what was requested and cancelled. */
    void flush();
}
