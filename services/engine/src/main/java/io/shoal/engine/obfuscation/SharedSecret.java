package io.shoal.engine.obfuscation;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Sha1;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What a key exchange has given both sides, and what is derived from it. Immutable. */
final class SharedSecret {
    private final byte[] secret;

    SharedSecret(byte[] secret) {
        this.secret = secret;
    }

    static byte[] hash(String label, byte[]... parts) {
        MessageDigest digest = Sha1.digest();
        digest.update(label.getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /** Returns what ends the dialling side's padding. */
    byte[] synchronization() {
        return hash("req1", secret);
    }

    /** Masks an obfuscated info-hash, or unmasks it. */
    byte[] mask(byte[] obfuscated) {
        byte[] result = hash("req3", secret);
        for (int i = 0; i < result.length; i++) {
            result[i] ^= obfuscated[i];
        }
        return result;
    }

    /** Returns the cipher of what the dialling side sends. */
    Rc4 fromDialler(InfoHash torrent) {
        return new Rc4(hash("keyA", secret, torrent.bytes()));
    }

    /** Returns the cipher of what the side sends that was dialled. */
    Rc4 toDialler(InfoHash torrent) {
        return new Rc4(hash("keyB", secret, torrent.bytes()));
    }
}
