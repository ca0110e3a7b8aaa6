package io.shoal.bittorrent;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hash of BitTorrent v1 (BEP 3). Every JDK has it, so its absence is our own failure and not a checked one. */
public final class Sha1 {
    /** Length of a digest in bytes. */
    public static final int LENGTH = 20;

    private Sha1() {}

    /** A fresh digest, owned by the caller's thread. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-1", e);
        }
    }

    /** The digest of all of {@code bytes}. */
    public static byte[] of(byte[] bytes) {
        return digest().digest(bytes);
    }
}
