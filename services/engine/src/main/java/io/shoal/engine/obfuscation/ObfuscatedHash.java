package io.shoal.engine.obfuscation;

import io.shoal.bittorrent.InfoHash;
import java.util.Arrays;

/** By what an encrypted handshake names a torrent: only one who knows the info-hash can make it. Immutable. */
public final class ObfuscatedHash {
    private final byte[] bytes;

    ObfuscatedHash(byte[] bytes) {
        this.bytes = bytes;
    }

    public static ObfuscatedHash of(InfoHash torrent) {
        return new ObfuscatedHash(SharedSecret.hash("req2", torrent.bytes()));
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObfuscatedHash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
