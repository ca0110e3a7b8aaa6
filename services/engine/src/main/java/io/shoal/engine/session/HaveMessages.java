package io.shoal.engine.session;

import java.time.Duration;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * Sends HAVE for new pieces, for several at once: with many peers a write for each piece would cost more than the piece.
 */
final class HaveMessages {
    /** How long a piece may wait for others. */
    private static final Duration DELAY = Duration.ofMillis(100);

    private final GuardedLoop loop;
    private final PieceInventory inventory;
    private final PeerSet peers;
    private final Consumer<ConnectedPeer> beforeFlush;

    /** Verified pieces for which HAVE has not been sent. */
    private final BitSet unsent = new BitSet();

    private boolean scheduled;

    /** @param beforeFlush called for each peer, so that what follows from new pieces is sent with them */
    HaveMessages(GuardedLoop loop, PieceInventory inventory, PeerSet peers, Consumer<ConnectedPeer> beforeFlush) {
        this.loop = loop;
        this.inventory = inventory;
        this.peers = peers;
        this.beforeFlush = beforeFlush;
    }

    /** {@code piece} is verified: peers are told soon, if it can be served. */
    void add(int piece) {
        unsent.set(piece);
        if (!scheduled) {
            scheduled = true;
            loop.schedule(DELAY, this::send);
        }
    }

    private void send() {
        scheduled = false;
        unsent.and(inventory.served());
        for (ConnectedPeer peer : peers) {
            for (int piece = unsent.nextSetBit(0); piece >= 0; piece = unsent.nextSetBit(piece + 1)) {
                if (peer.pieces == null || !peer.pieces.has(piece)) {
                    peer.connection.sendHave(piece);
                }
            }
            beforeFlush.accept(peer);
            peer.connection.flush();
        }
        unsent.clear();
    }
}
