package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection from the peer's handshake to its end: received bytes are split into messages, and sent messages are
 * collected and written by {@link #flush}.
 *
 * <p>Invariant: the end is notified once; after it nothing is received or sent, and no buffer is kept.
 */
public abstract sealed class PeerConnection implements ConnectionHandler permits Peer, MetadataPeer {
    private static final int OUT_BYTES = 256;

    private final Loop loop;
    private final Handshake ours;
    private final Handshake theirs;
    private final InetSocketAddress address;
    private final boolean incoming;

    private @Nullable ByteBuf early;
    private @Nullable PeerMessageDecoder decoder;
    private @Nullable Connection connection;
    private @Nullable ByteBuf out;
    private String closeReason = "closed by the peer";
    private boolean closed;
    private boolean brokeProtocol;
    private boolean handshakeSent;
    private long lastReceivedAt;
    private long lastSentAt;

    /**
     * @param ours our handshake, sent only if the peer dialled us
     * @param theirs the peer's handshake
     * @param early bytes received after it, which are taken over
     */
    PeerConnection(
            Loop loop, Handshake ours, Handshake theirs, InetSocketAddress address, boolean incoming, ByteBuf early) {
        this.loop = loop;
        this.ours = ours;
        this.theirs = theirs;
        this.address = address;
        this.incoming = incoming;
        this.early = early;
    }

    /** Returns the handler of messages; called once. */
    abstract PeerMessageHandler messageHandler();

    /** The connection belongs to this peer now; nothing has been read yet. May close it. */
    abstract void onOpened(long now);

    /** All {@code bytes} received at once have been handled. */
    abstract void onReadComplete(int bytes);

    /** The connection has ended. */
    abstract void onClosed(String reason);

    // ---- Identity

    public final Handshake handshake() {
        return theirs;
    }

    public final InetSocketAddress address() {
        return address;
    }

    public final boolean isIncoming() {
        return incoming;
    }

    /** Whether what is exchanged with the peer is encrypted on the way. */
    public final boolean isEncrypted() {
        return connection != null && connection.isEncrypted();
    }

    /** Whether the connection was closed because the peer broke the protocol. */
    public final boolean brokeProtocol() {
        return brokeProtocol;
    }

    final boolean isClosed() {
        return closed;
    }

    /** When a byte was received last. */
    final long lastReceivedAt() {
        return lastReceivedAt;
    }

    /** When a message was sent last. */
    final long lastSentAt() {
        return lastSentAt;
    }

    // ---- Sending

    /** Our handshake was sent before the peer's was complete; must be called before the connection is opened. */
    public final void handshakeWasSent() {
        handshakeSent = true;
    }

    /** Returns the buffer for messages; must not be used after the end. */
    final ByteBuf outBuffer() {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = PooledByteBufAllocator.DEFAULT.directBuffer(OUT_BYTES);
            out = buffer;
        }
        return buffer;
    }

    /** Sends {@code payload}, which it takes over, after the queued messages. */
    final void send(ByteBuf payload) {
        Connection to = connection;
        if (to == null || closed) {
            payload.release();
            return;
        }
        writeOut(to);
        to.write(payload);
    }

    /** Flushes queued messages. */
    public final void flush() {
        Connection to = connection;
        if (to != null && !closed) {
            writeOut(to);
            to.flush();
        }
    }

    private void writeOut(Connection to) {
        ByteBuf pending = out;
        if (pending != null) {
            out = null; // first, because a write may notify that the connection is full, and then more may be queued
            to.write(pending);
            lastSentAt = loop.nanoTime();
        }
    }

    /** Whether the peer keeps up with what is sent: the queue is below its mark. */
    public final boolean isWritable() {
        return !closed && connection != null && connection.isWritable();
    }

    /** Stops or resumes reading, which makes the peer wait. */
    final void setReading(boolean reading) {
        if (connection != null) {
            connection.setReading(reading);
        }
    }

    /** Sets how many bytes one read may bring at most. */
    final void setReadSize(int most) {
        if (connection != null) {
            connection.setReadSize(most);
        }
    }

    /** Closes the connection; listeners are notified before this returns. */
    public final void close(String reason) {
        if (!closed) {
            closeReason = reason;
            if (connection != null) {
                connection.close();
            }
            closed();
        }
    }

    // ---- The connection

    @Override
    public final void opened(Connection opened) {
        connection = opened;
        decoder = new PeerMessageDecoder(PooledByteBufAllocator.DEFAULT, messageHandler());
        lastReceivedAt = loop.nanoTime();
        lastSentAt = lastReceivedAt;
        if (incoming && !handshakeSent) {
            ours.encode(outBuffer());
        }
        onOpened(lastReceivedAt);
        flush();
        ByteBuf rest = early;
        early = null;
        if (rest != null) {
            try {
                received(rest);
            } finally {
                rest.release();
            }
        }
    }

    @Override
    public final void received(ByteBuf bytes) {
        PeerMessageDecoder to = decoder;
        if (closed || to == null) {
            return;
        }
        lastReceivedAt = loop.nanoTime();
        int length = bytes.readableBytes();
        try {
            to.decode(bytes);
        } catch (PeerWireException e) {
            brokeProtocol = !closed;
            close("broke the protocol: " + e.getMessage());
        }
        if (!closed) {
            onReadComplete(length);
        }
    }

    @Override
    public final void closed() {
        if (closed) {
            return;
        }
        closed = true;
        if (decoder != null) {
            decoder.close();
        }
        if (out != null) {
            out.release();
            out = null;
        }
        if (early != null) {
            early.release();
            early = null;
        }
        onClosed(closeReason);
    }
}
