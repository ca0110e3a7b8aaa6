package io.shoal.intake.planning;

import io.shoal.bittorrent.metainfo.Info;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest of an info dictionary that is the info-hash of a torrent of version 2 (BEP 52). */
final class Digests {
    private Digests() {}

    /** 64 lower-case hexadecimal digits. */
    static String sha256(Info info) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(info.bytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
