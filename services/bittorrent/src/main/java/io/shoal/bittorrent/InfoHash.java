package io.shoal.bittorrent;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Names a torrent in the swarm: the SHA-1 of its info dictionary, 20 bytes (BEP 3). Immutable.
 */
public final class InfoHash implements Comparable<InfoHash> {
    /** Length in bytes. */
    public static final int LENGTH = Sha1.LENGTH;

    private final byte[] bytes;

    private InfoHash(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The hash with exactly these 20 bytes, which are copied. */
    public static InfoHash of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("an info-hash has 20 bytes, not " + bytes.length);
        }
        return new InfoHash(bytes.clone());
    }

    /** Parses 40 hexadecimal digits of either case. */
    public static InfoHash ofHex(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new IllegalArgumentException("an info-hash has 40 hexadecimal digits, not " + hex.length());
        }
        return new InfoHash(HexFormat.of().parseHex(hex));
    }

    /** Returns the hash of an info dictionary, given its exact bencoded bytes. */
    public static InfoHash ofInfo(byte[] info) {
        return new InfoHash(Sha1.of(info));
    }

    /** A copy of the 20 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** 40 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public int compareTo(InfoHash other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof InfoHash other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    @Override
    public String toString() {
        return hex();
    }
}
