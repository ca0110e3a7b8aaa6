package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;

/**
 * Lengths of a torrent's pieces and blocks: the only place that knows that the last piece, and the last block of a piece,
 * may be short. Every index that these methods hand out is in range.
 *
 * @param total all bytes of the torrent, pad files counted; at least 1
 * @param pieceLength bytes of every piece but the last
 */
public record Pieces(long total, int pieceLength) {
    /** Bytes of a block, the unit of a request: every client requests and accepts this size. */
    public static final int BLOCK = 16 << 10;

    public Pieces {
        if (total < 1 || total > Limits.TORRENT_BYTES || pieceLength < 1 || pieceLength > Limits.PIECE_LENGTH_MAX) {
            throw new IllegalArgumentException("no torrent has " + total + " bytes in pieces of " + pieceLength);
        }
        if ((total + pieceLength - 1) / pieceLength > Limits.PIECES) {
            throw new IllegalArgumentException("more than " + Limits.PIECES + " pieces");
        }
    }

    /** Number of pieces, at least 1. */
    public int count() {
        return (int) ((total + pieceLength - 1) / pieceLength);
    }

    /** Whether a piece of this number exists: the check for numbers that came over the wire. */
    public boolean contains(int piece) {
        return piece >= 0 && piece < count();
    }

    /** Bytes of {@code piece}. */
    public int length(int piece) {
        return (int) Math.min(pieceLength, total - offset(piece));
    }

    /** Where {@code piece} begins in the torrent. */
    public long offset(int piece) {
        if (!contains(piece)) {
            throw new IndexOutOfBoundsException("piece " + piece + " of " + count());
        }
        return (long) piece * pieceLength;
    }

    /** The piece that holds the byte at {@code offset} of the torrent. */
    public int at(long offset) {
        if (offset < 0 || offset >= total) {
            throw new IndexOutOfBoundsException("byte " + offset + " of " + total);
        }
        return (int) (offset / pieceLength);
    }

    /** Blocks in {@code piece}, at least 1. */
    public int blocks(int piece) {
        return (length(piece) + BLOCK - 1) / BLOCK;
    }

    /** Bytes of {@code block} in {@code piece}. */
    public int blockLength(int piece, int block) {
        if (block < 0 || block >= blocks(piece)) {
            throw new IndexOutOfBoundsException("block " + block + " of piece " + piece);
        }
        return Math.min(BLOCK, length(piece) - block * BLOCK);
    }

    /** Whether {@code length} bytes from {@code begin} lie inside {@code piece}: the check for a peer's request. */
    public boolean contains(int piece, int begin, int length) {
        return contains(piece) && begin >= 0 && length > 0 && (long) begin + length <= length(piece);
    }

    /** Whether these are exactly the bounds of one block: the check for a received block. */
    public boolean isBlock(int piece, int begin, int length) {
        return contains(piece)
                && begin >= 0
                && begin % BLOCK == 0
                && begin < length(piece)
                && length == blockLength(piece, begin / BLOCK);
    }
}
