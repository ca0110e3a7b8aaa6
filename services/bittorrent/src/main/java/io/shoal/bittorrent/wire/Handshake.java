package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import java.nio.charset.StandardCharsets;

/**
 * The first 68 bytes in each direction (BEP 3).
 *
 * @param capabilities what the sender supports
 */
public record Handshake(InfoHash infoHash, PeerId peerId, Capabilities capabilities) {
    /** Length in bytes. */
    public static final int LENGTH = 68;

    /** Length of the start that ends with the info-hash; the peer id follows. */
    public static final int INFO_HASH_END = 48;

    private static final byte[] PROTOCOL = "\u0013BitTorrent protocol".getBytes(StandardCharsets.ISO_8859_1);

    /** Appends the 68 bytes to {@code out}. */
    public void encode(ByteBuf out) {
        out.writeBytes(PROTOCOL);
        capabilities.encode(out);
        out.writeBytes(infoHash.bytes()).writeBytes(peerId.bytes());
    }

    /**
     * Reads 68 bytes from {@code in}, which must hold as many.
     *
     * @throws PeerWireException if it is a handshake of another protocol
     */
    public static Handshake decode(ByteBuf in) throws PeerWireException {
        checkStart(in);
        in.skipBytes(PROTOCOL.length);
        Capabilities capabilities = Capabilities.decode(in);
        byte[] hash = new byte[InfoHash.LENGTH];
        in.readBytes(hash);
        byte[] id = new byte[PeerId.LENGTH];
        in.readBytes(id);
        return new Handshake(InfoHash.of(hash), PeerId.of(id), capabilities);
    }

    /** Reads the info-hash of a handshake of which {@link #INFO_HASH_END} bytes or more have come. */
    public static InfoHash infoHash(ByteBuf start) {
        byte[] hash = new byte[InfoHash.LENGTH];
        start.getBytes(start.readerIndex() + INFO_HASH_END - InfoHash.LENGTH, hash);
        return InfoHash.of(hash);
    }

    /**
     * Checks the received start of a handshake, so that a connection of another protocol is closed early.
     *
     * @throws PeerWireException if {@code in} cannot be the start of a handshake
     */
    public static void checkStart(ByteBuf in) throws PeerWireException {
        int length = Math.min(in.readableBytes(), PROTOCOL.length);
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != PROTOCOL[i]) {
                throw new PeerWireException("a handshake of another protocol");
            }
        }
    }
}
