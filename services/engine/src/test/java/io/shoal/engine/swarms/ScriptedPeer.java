package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer of a test, which does as its script says: sends what it begins with, and ignores each message that it does not override. */
abstract class ScriptedPeer implements ConnectionHandler, PeerMessageHandler {
    boolean isClosed;

    private int handshakeBytes = Handshake.LENGTH;
    private @Nullable Connection connection;
    private @Nullable PeerMessageDecoder decoder;

    /** Writes its handshake, and the messages that follow it at once. */
    abstract void begin(ByteBuf out);

    @Override
    public final void opened(Connection opened) {
        connection = opened;
        decoder = new PeerMessageDecoder(Unpooled.buffer().alloc(), this);
        ByteBuf out = Unpooled.buffer();
        begin(out);
        send(out);
    }

    final boolean isOpen() {
        return connection != null;
    }

    /** Sends {@code out}, which it takes over. */
    protected final void send(ByteBuf out) {
        Connection to = Objects.requireNonNull(connection);
        to.write(out);
        to.flush();
    }

    @Override
    public void received(ByteBuf bytes) {
        int skipped = Math.min(handshakeBytes, bytes.readableBytes());
        handshakeBytes -= skipped;
        bytes.skipBytes(skipped);
        try {
            Objects.requireNonNull(decoder).decode(bytes);
        } catch (PeerWireException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public final void writabilityChanged() {}

    @Override
    public final void closed() {
        isClosed = true;
        if (decoder != null) {
            decoder.close();
        }
    }

    @Override
    public void block(int piece, int begin, ByteBuf data) {
        data.release();
    }

    @Override
    public void keepAlive() {}

    @Override
    public void choke() {}

    @Override
    public void unchoke() {}

    @Override
    public void interested() {}

    @Override
    public void notInterested() {}

    @Override
    public void have(int piece) {}

    @Override
    public void bitfield(ByteBuf bits) {}

    @Override
    public void request(int piece, int begin, int length) {}

    @Override
    public void cancel(int piece, int begin, int length) {}

    @Override
    public void extended(int id, ByteBuf payload) throws PeerWireException {}
}
