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
 * A connection from the peer's handshake to its end: what comes is cut into messages, what we say is collected and leaves with
 * {@link #flush}.
 *
 * <p>Invariant: the end is told once; after it nothing is heard, nothing is said, and no buffer is kept.
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
    private long lastReceivedAt;
    private long lastSentAt;

    /**
     * @param ours our handshake, said only if the peer dialled us
     * @param theirs what it said first
     * @param early what came right after that, which is taken over
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

    /** Who hears the messages; asked once. */
    abstract PeerMessageHandler messageHandler();

    /** The connection is ours now; nothing has been read yet. May close it. */
    abstract void onOpened(long now);

    /** All that came at once has been told. */
    abstract void onReadComplete();

    /** It is over. */
    abstract void onClosed(String reason);

    // ---- Who it is

    public final Handshake handshake() {
        return theirs;
    }

    public final InetSocketAddress address() {
        return address;
    }

    public final boolean isIncoming() {
        return incoming;
    }

    final boolean isClosed() {
        return closed;
    }

    /** When a byte came last. */
    final long lastReceivedAt() {
        return lastReceivedAt;
    }

    /** When anything was sent last. */
    final long lastSentAt() {
        return lastSentAt;
    }

    // ---- What we say

    /** Where to say it; not to be used once it is over. */
    final ByteBuf outBuffer() {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = PooledByteBufAllocator.DEFAULT.directBuffer(OUT_BYTES);
            out = buffer;
        }
        return buffer;
    }

    /** Sends {@code payload}, which it takes over, after what was said before. */
    final void send(ByteBuf payload) {
        Connection to = connection;
        if (to == null || closed) {
            payload.release();
            return;
        }
        writeOut(to);
        to.write(payload);
    }

    /** Lets leave what was said. */
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
            out = null; // first, because writing may tell that the connection is full, and then more may be said
            to.write(pending);
            lastSentAt = loop.nanoTime();
        }
    }

    /** Whether the peer takes what we send: less is queued than should be. */
    final boolean isWritable() {
        return !closed && connection != null && connection.isWritable();
    }

    /** Makes the peer wait, or lets it go on. */
    final void setReading(boolean reading) {
        if (connection != null) {
            connection.setReading(reading);
        }
    }

    /** Closes the connection; whoever listens hears it before this returns. */
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
        if (incoming) {
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
        try {
            to.decode(bytes);
        } catch (PeerWireException e) {
            close("broke the protocol: " + e.getMessage());
        }
        if (!closed) {
            onReadComplete();
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
