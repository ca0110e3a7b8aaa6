package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import java.util.BitSet;

/** Hears what one {@link Peer} says, on the torrent's loop. Every number is checked: it exists in the torrent. */
public interface PeerListener {
    /** The connection is the peer's now; nothing has been read yet. May close it. */
    void opened();

    /** It has these pieces; heard at most once, and before {@link #has(int)}. */
    void has(BitSet pieces);

    /** It has one piece more. */
    void has(int piece);

    /** It will not answer what it was asked; what it owed is forgotten. */
    void chokedUs();

    /** It will answer requests. */
    void unchokedUs();

    /** It has become {@link Peer#isInterested interested} in what we have, or not any more. */
    void interestChanged();

    /**
     * A block has come that it was asked for, now or before.
     *
     * @param data belongs to the listener, who releases it
     */
    void block(int piece, int block, ByteBuf data);

    /** It has told of itself. */
    void extendedHandshake(ExtendedHandshake handshake);

    /** It wants, gives, or refuses a part of the info dictionary. */
    void metadata(MetadataMessage message);

    /** It owes us blocks and has sent none for long: it is not waited for any more. */
    void snubbed();

    /** All that came at once has been told: the time to act upon it. */
    void readComplete();

    /** It is gone; nothing more is heard. */
    void closed(String reason);
}
