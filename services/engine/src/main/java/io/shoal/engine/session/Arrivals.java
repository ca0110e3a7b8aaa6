package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Connection;

/** Where peers arrive who asked for one info-hash. */
@FunctionalInterface
public interface Arrivals {
    /**
     * Takes over a connection, on its own loop.
     *
     * @param rest what came after the handshake, taken over too
     */
    void arrived(Connection connection, Handshake theirs, ByteBuf rest);
}
