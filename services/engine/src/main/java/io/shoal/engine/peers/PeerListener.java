package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtensionMessage;
import java.util.BitSet;

/**
 * Is notified of the messages of one {@link Peer}, on the torrent's loop. Every index is checked: it exists in the
 * torrent.
 */
public interface PeerListener {
    /** The connection belongs to the peer now; nothing has been read yet. May close it. */
    void opened();

    /** The peer has these pieces, some of which it may have announced before. */
    void has(BitSet pieces);

    /** The peer has this piece, which it may have announced before. */
    void has(int piece);

    /** The peer chokes us: outstanding requests are void. */
    void chokedUs();

    /** The peer accepts requests. */
    void unchokedUs();

    /** {@link Peer#isInterested} has changed. */
    void interestChanged();

    /**
     * A block was received that is or was requested.
     *
     * @param data belongs to the listener, who must release it
     */
    void block(int piece, int block, ByteBuf data);

    /**
     * A message of the extension protocol was received. An extended handshake may come several times, and changes only
     * what it has.
     */
    void extension(ExtensionMessage message);

    /**
     * The peer has not sent this block in time: others should be asked for it first. The peer may still send it.
     */
    void requestLate(int piece, int block);

    /** The late block is not expected any more: it may be requested from the peer again. */
    void requestDropped(int piece, int block);

    /** The store cannot be read for the peer, which must be choked: its request is dropped. */
    void readFailed();

    /** All bytes received at once have been handled: the time to act upon them. */
    void readComplete();

    /** The peer has disconnected. The last call. */
    void closed(String reason);
}
