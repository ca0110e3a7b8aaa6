package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Connection;

/** A torrent or magnet that accepts incoming peers of its info-hash. Any thread. */
public interface PeerAcceptor {
    /**
     * Takes over a connection, on the connection's loop.
     *
     * @param rest bytes received after the handshake, which are taken over too
     * @param answered whether the peer has our handshake already
     */
    void accept(Connection connection, Handshake theirs, ByteBuf rest, boolean answered);

    /** Returns what decides whether a peer is for this torrent. */
    Presence presence();

    /** Whether it is announced to the tracker with this URL. */
    boolean isAnnouncedTo(String tracker);

    /** A sibling on the same port has left the tracker with this URL: announces to it as soon as the tracker allows. */
    void reannounce(String tracker);
}
