package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * The RC4 key stream of one direction of a connection, without its first 1,024 bytes, which are the weakest. Encrypting and decrypting
 * are the same.
 *
 * <p>Invariant: each byte of the key stream is used once, in order. Confined to the connection's loop.
 */
final class Rc4 {
    private static final String ALGORITHM = "ARCFOUR";
    private static final int DISCARDED = 1_024;

    /** Bytes of memory outside of the heap that are worked on at once: they fit the processor's first cache. */
    private static final int CHUNK = 8 << 10;

    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[CHUNK]);

    private final Cipher cipher;

    Rc4(byte[] key) {
        try {
            cipher = Cipher.getInstance(ALGORITHM);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK does not have RC4", e);
        }
        skip(DISCARDED);
    }

    /** Skips so many bytes of the key stream. */
    void skip(int length) {
        byte[] scratch = new byte[Math.min(length, CHUNK)];
        for (int done = 0; done < length; done += scratch.length) {
            apply(scratch, 0, Math.min(scratch.length, length - done));
        }
    }

    /** Encrypts or decrypts a part of an array in place. */
    void apply(byte[] bytes, int offset, int length) {
        try {
            cipher.update(bytes, offset, length, bytes, offset);
        } catch (ShortBufferException e) {
            throw new AssertionError("as many bytes as before", e);
        }
    }

    /** Encrypts or decrypts what is readable in place. */
    void apply(ByteBuf bytes) {
        if (bytes.hasArray()) {
            apply(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes());
            return;
        }
        byte[] scratch = SCRATCH.get();
        for (int from = bytes.readerIndex(); from < bytes.writerIndex(); from += CHUNK) {
            int length = Math.min(CHUNK, bytes.writerIndex() - from);
            bytes.getBytes(from, scratch, 0, length);
            apply(scratch, 0, length);
            bytes.setBytes(from, scratch, 0, length);
        }
    }

    /** Appends what is readable in {@code from}, which stays as it is, encrypted or decrypted to {@code to}. */
    void copy(ByteBuf from, ByteBuf to) {
        byte[] scratch = SCRATCH.get();
        for (int at = from.readerIndex(); at < from.writerIndex(); at += CHUNK) {
            int length = Math.min(CHUNK, from.writerIndex() - at);
            from.getBytes(at, scratch, 0, length);
            apply(scratch, 0, length);
            to.writeBytes(scratch, 0, length);
        }
    }

    /** Returns the next bytes of the key stream, which are used up: what so many zeros are encrypted to. */
    byte[] encryptedZeros(int length) {
        byte[] zeros = new byte[length];
        apply(zeros, 0, length);
        return zeros;
    }
}
