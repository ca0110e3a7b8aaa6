package io.shoal.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.shoal.bittorrent.InfoHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names content in the store: 26 base32 characters of SHA-256(owner, info-hash). Equal content of two owners has two ids, and
 * neither can infer the other's.
 */
public record TorrentId(@JsonValue String value) {
    private static final int CHARS = 26;
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public TorrentId {
        if (!hasForm(value)) {
            throw new IllegalArgumentException("a torrent id has 26 base32 characters");
        }
    }

    /** Without a regular expression: intake reads tens of thousands of ids a second. */
    private static boolean hasForm(String value) {
        boolean fits = value.length() == CHARS;
        for (int i = 0; fits && i < CHARS; i++) {
            char c = value.charAt(i);
            fits = c >= 'a' && c <= 'z' || c >= '2' && c <= '7';
        }
        return fits;
    }

    /** The id of {@code infoHash} as owned by {@code owner}: a tenant's id, or {@code pool/} and a pool's id. */
    public static TorrentId of(String owner, InfoHash infoHash) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(owner.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            sha256.update(infoHash.bytes());
            return new TorrentId(base32(sha256.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    private static String base32(byte[] digest) {
        StringBuilder text = new StringBuilder(CHARS);
        for (int digit = 0; digit < CHARS; digit++) {
            int bit = digit * 5;
            int window = ((digest[bit / 8] & 0xff) << 8) | (digest[bit / 8 + 1] & 0xff);
            text.append(DIGITS.charAt((window >> (11 - bit % 8)) & 31));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return value;
    }
}
