package io.shoal.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.swarms.SimulatedNetwork;

/** A peer that answers the handshake and then breaks the protocol. */
final class GarbagePeer implements ConnectionHandler {
    private final int host;
    private final TorrentContent content;

    GarbagePeer(int host, TorrentContent content) {
        this.host = host;
        this.content = content;
    }

    @Override
    public void opened(Connection connection) {
        ByteBuf out = Unpooled.buffer();
        new Handshake(content.info.hash(), SimulatedNetwork.peerId(host), Capabilities.NONE).encode(out);
        out.writeInt(-1);
        connection.write(out);
        connection.flush();
    }

    @Override
    public void received(ByteBuf bytes) {}

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {}
}
