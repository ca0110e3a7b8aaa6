package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/** Appends messages to a buffer (BEP 3, 10). */
public final class PeerMessages {
    /**
     * Bytes before the block in the message that carries it: written separately so that the block need not be copied.
     */
    public static final int BLOCK_HEADER_BYTES = 13;

    private PeerMessages() {}

    public static void keepAlive(ByteBuf out) {
        out.writeInt(0);
    }

    public static void choke(ByteBuf out) {
        signal(out, MessageKind.CHOKE);
    }

    public static void unchoke(ByteBuf out) {
        signal(out, MessageKind.UNCHOKE);
    }

    public static void interested(ByteBuf out) {
        signal(out, MessageKind.INTERESTED);
    }

    public static void notInterested(ByteBuf out) {
        signal(out, MessageKind.NOT_INTERESTED);
    }

    public static void have(ByteBuf out, int piece) {
        out.writeInt(5).writeByte(MessageKind.HAVE).writeInt(piece);
    }

    /** The bitfield of a torrent of {@code count} pieces of which {@code pieces} are held: the highest bit is the first. */
    public static void bitfield(ByteBuf out, BitSet pieces, int count) {
        byte[] bits = new byte[(count + 7) / 8];
        for (int piece = pieces.nextSetBit(0); piece >= 0 && piece < count; piece = pieces.nextSetBit(piece + 1)) {
            bits[piece >> 3] |= (byte) (0x80 >> (piece & 7));
        }
        out.writeInt(1 + bits.length).writeByte(MessageKind.BITFIELD).writeBytes(bits);
    }

    /**
     * Parses a received bitfield of a torrent of {@code count} pieces.
     *
     * @throws PeerWireException if it has another length, or bits beyond the last piece
     */
    public static BitSet readBitfield(ByteBuf bits, int count) throws PeerWireException {
        if (bits.readableBytes() != (count + 7) / 8) {
            throw new PeerWireException("a bitfield of a wrong length");
        }
        BitSet pieces = new BitSet(count);
        for (int i = 0; bits.isReadable(); i += 8) {
            int eight = bits.readUnsignedByte();
            for (int bit = 0; eight != 0; bit++, eight = eight << 1 & 0xff) {
                if ((eight & 0x80) != 0) {
                    pieces.set(i + bit);
                }
            }
        }
        if (pieces.length() > count) {
            throw new PeerWireException("a bitfield with bits beyond the last piece");
        }
        return pieces;
    }

    public static void request(ByteBuf out, int piece, int begin, int length) {
        out.writeInt(13)
                .writeByte(MessageKind.REQUEST)
                .writeInt(piece)
                .writeInt(begin)
                .writeInt(length);
    }

    public static void cancel(ByteBuf out, int piece, int begin, int length) {
        out.writeInt(13)
                .writeByte(MessageKind.CANCEL)
                .writeInt(piece)
                .writeInt(begin)
                .writeInt(length);
    }

    /** All of a block's message but the block itself, which must follow: {@link #BLOCK_HEADER_BYTES}. */
    public static void blockHeader(ByteBuf out, int piece, int begin, int length) {
        out.writeInt(9 + length).writeByte(MessageKind.PIECE).writeInt(piece).writeInt(begin);
    }

    /**
     * A message of the extension protocol: {@code id} is 0 for the handshake, otherwise an id that the peer has
     * announced.
     */
    public static void extended(ByteBuf out, int id, byte[] payload) {
        out.writeInt(2 + payload.length)
                .writeByte(MessageKind.EXTENDED)
                .writeByte(id)
                .writeBytes(payload);
    }

    private static void signal(ByteBuf out, int kind) {
        out.writeInt(1).writeByte(kind);
    }
}
