package io.shoal.intake.tenants;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A key that a caller bears. Its text is shown once and never kept; 256 random bits need no slow hash and no salt, so the
 * SHA-256 finds the key's row.
 *
 * @param text what stands after {@code Bearer}
 */
public record Secret(String text) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PREFIX = "shoal_";

    /** A new one that nobody has had. */
    public static Secret random() {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        return new Secret(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
    }

    /** SHA-256 of the text. */
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** Whether the two are equal, in a time that does not tell where they differ. */
    public boolean matches(Secret other) {
        return MessageDigest.isEqual(hash(), other.hash());
    }

    /** Never the text: this ends in logs. */
    @Override
    public String toString() {
        return "Secret";
    }
}
