package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side of an encrypted handshake. The next handler sees a connection that is open from the beginning, so its time-out counts for the whole
 * handshake, and what it writes waits until the two sides have agreed.
 *
 * <p>Invariant: no more is kept of what a peer sends than {@link #KEPT} bytes, and no byte after the handshake is read by it: bytes are taken
 * one field at a time.
 */
abstract class EncryptedHandshake implements ConnectionHandler {
    /** The longest padding that the protocol allows. */
    static final int PAD_MAX = 512;

    /** Length of the zeros by which a side shows that it has the keys. */
    static final int VERIFICATION = 8;

    /** The bit of a payload that is not encrypted. */
    static final int PLAINTEXT = 1;

    /** The bit of a payload that is encrypted with RC4. */
    static final int RC4 = 2;

    /** The longest padding, and the synchronization that follows it. */
    private static final int KEPT = PAD_MAX + 20;

    private static final Logger LOG = LoggerFactory.getLogger(EncryptedHandshake.class);

    private final ConnectionHandler next;
    private @Nullable EncryptedConnection connection;

    /** The field that is being received, or the padding that is being searched. */
    private final byte[] kept = new byte[KEPT];

    private int length;
    private boolean agreed;
    private boolean broken;
    private boolean ended;

    EncryptedHandshake(ConnectionHandler next) {
        this.next = next;
    }

    /** The connection is open. */
    abstract void begin() throws EncryptionException;

    /** Takes one or more bytes, and no more than belong to the handshake. */
    abstract void receive(ByteBuf bytes) throws EncryptionException;

    /** The connection has ended before the two sides have agreed. */
    abstract void failed();

    // ---- For the sides

    final EncryptedConnection connection() {
        return Objects.requireNonNull(connection, "it is open");
    }

    /** Continues after a calculation. */
    final void resume(Continuation continuation) {
        try {
            if (!broken && !ended) {
                run(continuation);
            }
        } catch (Throwable e) { // the loop would only drop its task
            LOG.error(
                    "A fault of this engine ends the connection with {}",
                    connection().remote(),
                    e);
            connection().close();
        }
    }

    /** A part of the handshake. */
    @FunctionalInterface
    interface Continuation {
        void run() throws EncryptionException;
    }

    /** Collects bytes until there are {@code count}, which {@link #field} then returns. @return whether there are */
    final boolean fill(ByteBuf bytes, int count) {
        int taken = Math.min(count - length, bytes.readableBytes());
        bytes.readBytes(kept, length, taken);
        length += taken;
        return length == count;
    }

    /** Whether the bytes collected so far begin with {@code start}. */
    final boolean beginsWith(byte[] start) {
        return length >= start.length && Arrays.equals(kept, 0, start.length, start, 0, start.length);
    }

    /** Returns the bytes that were collected, and begins the next field. */
    final byte[] field() {
        byte[] field = Arrays.copyOf(kept, length);
        length = 0;
        return field;
    }

    /** Keeps padding that arrives during a calculation. */
    final void keepPadding(ByteBuf bytes) throws EncryptionException {
        if (length + bytes.readableBytes() > PAD_MAX) {
            throw new EncryptionException("more than padding before the key was sent");
        }
        fill(bytes, length + bytes.readableBytes());
    }

    /** Skips bytes up to the end of {@code pattern}, and begins the next field. @return whether it was found */
    final boolean skipPast(ByteBuf bytes, byte[] pattern) throws EncryptionException {
        while (bytes.isReadable()) {
            if (length == PAD_MAX + pattern.length) {
                break;
            }
            kept[length++] = bytes.readByte();
            int from = length - pattern.length;
            if (from >= 0 && Arrays.equals(kept, from, length, pattern, 0, pattern.length)) {
                length = 0;
                return true;
            }
        }
        if (length == PAD_MAX + pattern.length) {
            throw new EncryptionException("no synchronization");
        }
        return false;
    }

    /** Skips up to {@code count} bytes of encrypted padding. @return how many are left to skip */
    static int skipPadding(ByteBuf bytes, int count, Rc4 cipher) {
        int skipped = Math.min(count, bytes.readableBytes());
        bytes.skipBytes(skipped);
        cipher.skip(skipped);
        return count - skipped;
    }

    /** Sends {@code bytes} as they are. */
    final void send(ByteBuf bytes) {
        Connection to = connection().plain();
        to.write(bytes);
        to.flush();
    }

    /** The two sides have agreed on plaintext; what follows is for the next handler. */
    final void agree() {
        agreed = true;
        connection().begin();
    }

    /** The two sides have agreed on {@code method}; what follows is for the next handler. */
    final void agree(int method, Rc4 sending, Rc4 receiving) {
        if (method == RC4) {
            agreed = true;
            connection().begin(sending, receiving);
        } else {
            agree();
        }
    }

    // ---- The connection

    @Override
    public final void opened(Connection opened) {
        connection = new EncryptedConnection(opened);
        next.opened(connection);
        run(this::begin);
    }

    @Override
    public final void received(ByteBuf bytes) {
        if (broken || ended) {
            return;
        }
        run(() -> {
            while (!agreed && bytes.isReadable()) {
                receive(bytes);
            }
            if (agreed && bytes.isReadable()) {
                connection().deliver(bytes, next);
            }
        });
    }

    /** Passes on the payload that an encrypted handshake contains, together with what follows it. */
    final void deliver(byte[] payload, ByteBuf bytes) {
        ByteBuf all = Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(payload), connection().decrypted(bytes));
        bytes.skipBytes(bytes.readableBytes());
        try {
            next.received(all);
        } finally {
            all.release();
        }
    }

    private void run(Continuation continuation) {
        try {
            continuation.run();
        } catch (EncryptionException e) {
            broken = true;
            LOG.debug("The encrypted handshake with {} failed", connection().remote(), e);
            connection().close();
        }
    }

    @Override
    public final void writabilityChanged() {
        if (agreed) {
            next.writabilityChanged();
        }
    }

    @Override
    public final void closed() {
        if (!ended) {
            ended = true;
            if (connection != null) {
                connection.release();
            }
            if (!agreed) {
                failed();
            }
            next.closed();
        }
    }
}
