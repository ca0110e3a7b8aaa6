package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import org.jspecify.annotations.Nullable;

/**
 * Handles a connection until the peer's handshake is complete: 68 bytes within {@link EngineLimits#HANDSHAKE}, which
 * name the torrent and the peer. A peer that dialled us and sends only the part that names the torrent is answered then,
 * because it may wait for that.
 */
public final class HandshakeHandler implements ConnectionHandler {
    private final @Nullable Handshake ours;
    private final Listener listener;
    private final ByteBuf collected = Unpooled.buffer(Handshake.LENGTH, Handshake.LENGTH);
    private @Nullable Connection connection;
    private Loop.@Nullable Timer timeout;
    private boolean asked;
    private boolean finished;

    /** Is notified once of the result. */
    public interface Listener {
        /**
         * The handshake is complete; the connection is still open and must be moved on or closed.
         *
         * @param rest bytes received after it, which the listener takes over
         */
        void completed(Connection connection, Handshake theirs, ByteBuf rest);

        /**
         * The peer waits for our handshake before it sends its peer id.
         *
         * @return the handshake to send now; null to wait for the peer id
         */
        default @Nullable Handshake answer(InfoHash infoHash) {
            return null;
        }

        /**
         * No handshake will follow: the connection could not be opened, or is closed.
         *
         * @param wasOpen whether the connection had been opened, so that the peer exists and did not answer as expected
         */
        void failed(boolean wasOpen);
    }

    private HandshakeHandler(@Nullable Handshake ours, Listener listener) {
        this.ours = ours;
        this.listener = listener;
    }

    /** An outgoing connection: our handshake is sent first. */
    public static HandshakeHandler outgoing(Handshake ours, Listener listener) {
        return new HandshakeHandler(ours, listener);
    }

    /** An incoming connection: the peer's handshake is read first, because it names the torrent. */
    public static HandshakeHandler incoming(Listener listener) {
        return new HandshakeHandler(null, listener);
    }

    @Override
    public void opened(Connection connection) {
        this.connection = connection;
        timeout = connection.loop().schedule(EngineLimits.HANDSHAKE, connection::close);
        if (ours != null) {
            send(ours, connection);
        }
    }

    private static void send(Handshake handshake, Connection to) {
        ByteBuf out = Unpooled.buffer(Handshake.LENGTH);
        handshake.encode(out);
        to.write(out);
        to.flush();
    }

    @Override
    public void received(ByteBuf bytes) {
        Connection from = connection;
        if (finished || from == null) {
            return;
        }
        collected.writeBytes(bytes, Math.min(bytes.readableBytes(), collected.writableBytes()));
        try {
            Handshake.checkStart(collected);
            if (collected.readableBytes() == Handshake.LENGTH) {
                finished = true;
                stopTimer();
                listener.completed(from, Handshake.decode(collected), bytes.readRetainedSlice(bytes.readableBytes()));
            } else if (ours == null && !asked && collected.readableBytes() >= Handshake.INFO_HASH_END) {
                asked = true;
                Handshake answer = listener.answer(Handshake.infoHash(collected));
                if (answer != null) {
                    send(answer, from);
                }
            }
        } catch (PeerWireException e) {
            from.close();
        }
    }

    @Override
    public void writabilityChanged() {
        // 68 bytes always fit
    }

    @Override
    public void closed() {
        stopTimer();
        if (!finished) {
            finished = true;
            listener.failed(connection != null);
        }
    }

    private void stopTimer() {
        if (timeout != null) {
            timeout.cancel();
        }
    }
}
