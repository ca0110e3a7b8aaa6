package io.shoal.bittorrent;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The 20 bytes by which a peer names itself in handshakes and announces (BEP 3, 20). Immutable; any bytes are legal. */
public final class PeerId {
    /** Length in bytes. */
    public static final int LENGTH = 20;

    private final byte[] bytes;

    private PeerId(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The id with exactly these 20 bytes, which are copied. */
    public static PeerId of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a peer id has 20 bytes, not " + bytes.length);
        }
        return new PeerId(bytes.clone());
    }

    /** A copy of the 20 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PeerId other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The printable bytes as they are, every other one as a dot: for logs. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^\\x21-\\x7e]", ".");
    }
}
