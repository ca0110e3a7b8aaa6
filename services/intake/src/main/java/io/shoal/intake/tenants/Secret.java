package io.shoal.intake.tenants;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A bearer key, or the token of a session. Its text is shown once and never stored. It has 256 random bits, so a slow hash or a salt
 * would add nothing: its row is found by its SHA-256.
 *
 * @param text the text after {@code Bearer}
 */
public record Secret(String text) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String KEY = "shoal_";
    private static final String SESSION = "shoals_";

    /** Returns a new random key. */
    static Secret randomKey() {
        return random(KEY);
    }

    /** Returns the token of a new session. */
    static Secret randomSession() {
        return random(SESSION);
    }

    private static Secret random(String prefix) {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        return new Secret(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
    }

    /** Returns whether this has the form of a session's token, which no key has. */
    boolean isSession() {
        return text.startsWith(SESSION);
    }

    /** Returns the SHA-256 of the text. */
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** Returns whether both are equal, in a time that does not depend on where they differ. */
    public boolean matches(Secret other) {
        return MessageDigest.isEqual(hash(), other.hash());
    }

    /** Leaves the text out, because the result ends in logs. */
    @Override
    public String toString() {
        return "Secret";
    }
}
