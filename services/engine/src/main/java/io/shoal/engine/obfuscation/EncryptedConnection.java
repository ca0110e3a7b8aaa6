package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes are encrypted on the way. While its encrypted handshake is not complete, what is written waits; then it is plaintext
 * or RC4 as the two sides have agreed.
 *
 * <p>Invariant: a plaintext connection is passed on as it is, so it costs no more than without this.
 */
final class EncryptedConnection implements Connection {
    private final Connection connection;

    /** What was written before the two sides have agreed; null after that. */
    private @Nullable ByteBuf waiting = Unpooled.buffer();

    private @Nullable Rc4 sent;
    private @Nullable Rc4 received;

    EncryptedConnection(Connection connection) {
        this.connection = connection;
    }

    /** The connection without encryption. */
    Connection plain() {
        return connection;
    }

    /** Takes away what was written so far. */
    ByteBuf takeWaiting() {
        ByteBuf taken = waiting == null ? Unpooled.EMPTY_BUFFER : waiting;
        waiting = Unpooled.buffer();
        return taken;
    }

    /** The two sides have agreed on plaintext. Sends what was written. */
    void begin() {
        ByteBuf first = takeWaiting();
        waiting = null;
        write(first);
        flush();
    }

    /** The two sides have agreed on these ciphers. Sends what was written. */
    void begin(Rc4 sending, Rc4 receiving) {
        sent = sending;
        received = receiving;
        begin();
    }

    /** Returns received bytes as they were before they were encrypted, retained: the same buffer, unless it cannot be changed. */
    ByteBuf decrypted(ByteBuf bytes) {
        Rc4 cipher = received;
        if (cipher == null) {
            return bytes.retain();
        }
        if (bytes.isReadOnly()) {
            ByteBuf copy = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.readableBytes());
            cipher.copy(bytes, copy);
            return copy;
        }
        cipher.apply(bytes);
        return bytes.retain();
    }

    /** Passes received bytes on to {@code handler}, decrypted. */
    void deliver(ByteBuf bytes, ConnectionHandler handler) {
        ByteBuf plain = decrypted(bytes);
        try {
            handler.received(plain);
        } finally {
            plain.release();
        }
    }

    /** The connection is closed. */
    void release() {
        takeWaiting().release();
    }

    @Override
    public boolean isEncrypted() {
        return sent != null;
    }

    @Override
    public Loop loop() {
        return connection.loop();
    }

    @Override
    public InetSocketAddress remote() {
        return connection.remote();
    }

    /** Encrypts a copy: {@code bytes} may be a part of a cache, or on their way to other peers too. */
    @Override
    public void write(ByteBuf bytes) {
        Rc4 cipher = sent;
        if (waiting != null) {
            waiting.writeBytes(bytes);
            bytes.release();
        } else if (cipher == null) {
            connection.write(bytes);
        } else {
            ByteBuf copy = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.readableBytes());
            cipher.copy(bytes, copy);
            bytes.release();
            connection.write(copy);
        }
    }

    @Override
    public void flush() {
        if (waiting == null) {
            connection.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return connection.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        connection.setReading(reading);
    }

    @Override
    public void setReadSize(int most) {
        connection.setReadSize(most);
    }

    @Override
    public void moveTo(Loop loop, ConnectionHandler handler) {
        connection.moveTo(loop, isEncrypted() ? new Decrypting(handler) : handler);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Receives for the handler to which the connection was moved. */
    private final class Decrypting implements ConnectionHandler {
        private final ConnectionHandler handler;

        Decrypting(ConnectionHandler handler) {
            this.handler = handler;
        }

        @Override
        public void opened(Connection moved) {
            handler.opened(EncryptedConnection.this);
        }

        @Override
        public void received(ByteBuf bytes) {
            deliver(bytes, handler);
        }

        @Override
        public void writabilityChanged() {
            handler.writabilityChanged();
        }

        @Override
        public void closed() {
            handler.closed();
        }
    }
}
