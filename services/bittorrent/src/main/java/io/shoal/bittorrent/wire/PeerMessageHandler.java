package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;

/**
 * Is called for each message of one peer. Indexes are as they were received: the handler must check them against the
 * torrent, and throw where they break the protocol.
 */
public interface PeerMessageHandler {
    void keepAlive() throws PeerWireException;

    void choke() throws PeerWireException;

    void unchoke() throws PeerWireException;

    void interested() throws PeerWireException;

    void notInterested() throws PeerWireException;

    void have(int piece) throws PeerWireException;

    /** The bits as received; they belong to the decoder and are invalid after the call. */
    void bitfield(ByteBuf bits) throws PeerWireException;

    void request(int piece, int begin, int length) throws PeerWireException;

    void cancel(int piece, int begin, int length) throws PeerWireException;

    /** A block, at most {@link WireLimits#BLOCK_BYTES}, which the handler takes over and releases, also when it throws. */
    void block(int piece, int begin, ByteBuf data) throws PeerWireException;

    /**
     * A message of the extension protocol (BEP 10).
     *
     * @param id 0 for the extended handshake, otherwise an id that we have announced
     * @param payload belongs to the decoder and is invalid after the call
     */
    void extended(int id, ByteBuf payload) throws PeerWireException;
}
