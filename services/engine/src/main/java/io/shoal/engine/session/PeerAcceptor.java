package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Connection;

/** A torrent or magnet that takes incoming peers of its info-hash. Any thread. */
public interface PeerAcceptor {
    /**
     * Takes over a connection, on its own loop.
     *
     * @param rest what came after the handshake, taken over too
     */
    void accept(Connection connection, Handshake theirs, ByteBuf rest);

    /** What decides whether a peer is for it. */
    Presence presence();

    /** Whether the tracker with this URL knows it. */
    boolean isAnnouncedTo(String tracker);

    /** A sibling of the same port has left the tracker with this URL: announces to it as soon as it allows. */
    void reannounce(String tracker);
}
