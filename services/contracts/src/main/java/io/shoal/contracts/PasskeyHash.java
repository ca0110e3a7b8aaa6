package io.shoal.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a passkey without revealing it: its SHA-256, as four numbers. A passkey has 128 random bits, so it cannot be found from its
 * hash, and a lookup by hash reveals nothing about how much of a guess was right.
 *
 * @param a bytes 0 to 7
 * @param b bytes 8 to 15
 * @param c bytes 16 to 23
 * @param d bytes 24 to 31
 */
public record PasskeyHash(long a, long b, long c, long d) {
    private static final int BYTES = 4 * Long.BYTES;

    /** The hash of the passkey with these characters, which stand in an announce URL. */
    public static PasskeyHash of(byte[] passkey) {
        try {
            return ofDigest(MessageDigest.getInstance("SHA-256").digest(passkey));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** The hash of {@code passkey}. */
    public static PasskeyHash of(String passkey) {
        return of(passkey.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads what {@link #toString} wrote; anything else is an {@link IllegalArgumentException}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PasskeyHash parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a passkey's hash has 64 hexadecimal digits");
        }
        return ofDigest(HexFormat.of().parseHex(hex));
    }

    private static PasskeyHash ofDigest(byte[] digest) {
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        return new PasskeyHash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    /** 64 lower-case hexadecimal digits. */
    @JsonValue
    @Override
    public String toString() {
        return HexFormat.of()
                .formatHex(ByteBuffer.allocate(BYTES)
                        .putLong(a)
                        .putLong(b)
                        .putLong(c)
                        .putLong(d)
                        .array());
    }
}
