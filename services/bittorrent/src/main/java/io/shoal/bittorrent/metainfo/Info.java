package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.Sha1;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * The info dictionary: the input of the info-hash, which every peer of the swarm agrees on. Immutable, and consistent:
 * the files add up to {@link #pieces()}, and there is a hash for each piece.
 *
 * <p>It takes its own bytes and 12 more for each file: hashes and paths are read from the bytes on access.
 */
public final class Info {
    /** The shortest file of an info dictionary: {@code d6:lengthi0e4:pathl0:ee}. */
    private static final int FILE_BYTES_MIN = 23;

    /** Memory per file, in bytes, while its geometry is computed and its path is made unique. */
    private static final int FILE_COST = 192;

    private final byte[] bytes;
    private final InfoHash hash;
    private final String name;
    private final Pieces pieces;
    private final int pieceHashes;
    private final FileTable files;
    private final boolean singleFile;
    private final boolean isPrivate;
    private final boolean isHybrid;

    /**
     * @param bytes kept, so they must not change
     * @param pieceHashes where the hashes of the pieces begin in {@code bytes}
     */
    Info(
            byte[] bytes,
            String name,
            Pieces pieces,
            int pieceHashes,
            FileTable files,
            boolean singleFile,
            boolean isPrivate,
            boolean isHybrid) {
        this.bytes = bytes;
        this.hash = InfoHash.ofInfo(bytes);
        this.name = name;
        this.pieces = pieces;
        this.pieceHashes = pieceHashes;
        this.files = files;
        this.singleFile = singleFile;
        this.isPrivate = isPrivate;
        this.isHybrid = isHybrid;
    }

    /**
     * Bytes of memory, at most, that an info dictionary of {@code length} bytes costs from reading it until geometry
     * and paths are computed.
     */
    public static long cost(long length) {
        return 2 * length + Math.min(Limits.FILES, length / FILE_BYTES_MIN) * FILE_COST;
    }

    /** Parses the exact bytes of an info dictionary, from a .torrent or from peers (BEP 9). */
    public static Info parse(byte[] info) throws MetainfoException {
        return ofOwned(info.clone());
    }

    /**
     * As {@link #parse}, without a copy: the array belongs to the result, and the caller must not change it any more.
     */
    public static Info ofOwned(byte[] info) throws MetainfoException {
        return new InfoParser(info).parse();
    }

    /** A copy of the bytes that are hashed. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The hashed bytes, read-only and without a copy. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** How many bytes are hashed. */
    public int size() {
        return bytes.length;
    }

    /** Name of this torrent in the swarm. */
    public InfoHash hash() {
        return hash;
    }

    /** The name that the torrent suggests for its one file, or for the folder of its files. */
    public String name() {
        return name;
    }

    /** Lengths of pieces and blocks. */
    public Pieces pieces() {
        return pieces;
    }

    /** The files in the order of the torrent, pad files included; a single-file torrent has one, named as the torrent. */
    public FileTable files() {
        return files;
    }

    /** Whether the metainfo has the single-file form, without a folder. */
    public boolean singleFile() {
        return singleFile;
    }

    /** Whether only the torrent's own trackers may supply peers (BEP 27). */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** Whether it is a torrent of version 2 too (BEP 52): the SHA-256 of the bytes is another info-hash. */
    public boolean isHybrid() {
        return isHybrid;
    }

    /** Whether {@code digest}, a SHA-1, is the hash of {@code piece}. */
    public boolean verifies(PieceIndex piece, byte[] digest) {
        int from = pieceHashes + Objects.checkIndex(piece.value(), pieces.count()) * Sha1.LENGTH;
        return Arrays.equals(bytes, from, from + Sha1.LENGTH, digest, 0, digest.length);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Info other && hash.equals(other.hash);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "Info[" + hash + "]";
    }
}
