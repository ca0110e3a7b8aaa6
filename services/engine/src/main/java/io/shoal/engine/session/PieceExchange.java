package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/** Is notified of what peers say about pieces, and receives their blocks. */
interface PieceExchange {
    /** The peer has these pieces, some of which it may have announced before. */
    void has(ConnectedPeer peer, BitSet has);

    /** The peer has this piece, which it may have announced before. */
    void has(ConnectedPeer peer, int piece);

    /** The peer will not send the requested blocks. */
    void requestsVoided(ConnectedPeer peer);

    /** The peer accepts requests. */
    void requestsAccepted(ConnectedPeer peer);

    /** The peer has not sent this block in time: others are asked for it first. */
    void requestLate(ConnectedPeer peer, int piece, int block);

    /** The late block may be requested from the peer again. */
    void requestDropped(ConnectedPeer peer, int piece, int block);

    /** @param data belongs to the receiver, which must release it */
    void block(BlockSource from, int piece, int block, ByteBuf data);

    /** All bytes that the source sent at once have been handled. */
    void readComplete(BlockSource from);
}
