package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;

/**
 * A peer of a torrent of which only the info-hash is known. Only messages about metadata are handled: the others have
 * no meaning without the info dictionary, and are skipped.
 */
public final class MetadataPeer extends PeerConnection {
    private final ExtendedHandshake extendedHandshake;
    private final Listener listener;
    private int theirMetadataId;
    private long lastUsefulAt;

    /** Is notified of the peer's messages, on the loop. */
    public interface Listener {
        /** The connection belongs to this peer now. May close it. */
        void opened();

        /** The peer has the info dictionary, of {@code size} bytes by its own account. */
        void offered(int size);

        /** The peer sends a part, or rejects a request. */
        void answered(MetadataMessage message);

        /** The peer has disconnected. The last call. */
        void closed();
    }

    /**
     * @param ours our handshake, sent only if the peer dialled us
     * @param theirs the peer's handshake
     * @param early bytes received after it, which the peer takes over
     * @param extendedHandshake our extended handshake
     */
    public MetadataPeer(
            Loop loop,
            Handshake ours,
            Handshake theirs,
            InetSocketAddress address,
            boolean incoming,
            ByteBuf early,
            ExtendedHandshake extendedHandshake,
            Listener listener) {
        super(loop, ours, theirs, address, incoming, early);
        this.extendedHandshake = extendedHandshake;
        this.listener = listener;
    }

    /** Requests a part of the info dictionary. */
    public void request(MetadataMessage.Request request) {
        sendExtended(theirMetadataId, request.encode());
    }

    /** Must be called regularly: closes a peer that sends nothing useful. */
    public void tick(long now) {
        if (now - lastUsefulAt > EngineLimits.IDLE.toNanos()) {
            close("of no use");
        }
    }

    private void sendExtended(int id, byte[] payload) {
        if (!isClosed()) {
            PeerMessages.extended(outBuffer(), id, payload);
            flush();
        }
    }

    @Override
    PeerMessageHandler messageHandler() {
        return new MessageReceiver();
    }

    @Override
    void onOpened(long now) {
        lastUsefulAt = now;
        listener.opened();
        if (handshake().extended()) {
            sendExtended(0, extendedHandshake.encode());
        } else {
            close("does not speak of metadata");
        }
    }

    @Override
    void onReadComplete(int bytes) {
        // each message was answered as it was received
    }

    @Override
    public void writabilityChanged() {
        // requests are small and bounded
    }

    @Override
    void onClosed(String reason) {
        listener.closed();
    }

    private final class MessageReceiver implements PeerMessageHandler {
        @Override
        public void keepAlive() {}

        @Override
        public void choke() {}

        @Override
        public void unchoke() {}

        @Override
        public void interested() {}

        @Override
        public void notInterested() {}

        @Override
        public void have(int piece) {}

        @Override
        public void bitfield(ByteBuf bits) {}

        @Override
        public void request(int piece, int begin, int length) {}

        @Override
        public void cancel(int piece, int begin, int length) {}

        @Override
        public void block(int piece, int begin, ByteBuf data) throws PeerWireException {
            data.release();
            throw new PeerWireException("a block that nobody asked for");
        }

        @Override
        public void extended(int id, ByteBuf payload) throws PeerWireException {
            if (id == 0) {
                ExtendedHandshake handshake = ExtendedHandshake.decode(payload);
                theirMetadataId = handshake.metadataId();
                if (theirMetadataId != 0 && handshake.metadataSize() > 0) {
                    lastUsefulAt = lastReceivedAt();
                    listener.offered(handshake.metadataSize());
                }
            } else if (id == Peer.METADATA_ID && theirMetadataId != 0) {
                switch (MetadataMessage.decode(payload)) {
                    case null -> {}
                    case MetadataMessage.Request request -> refuse(request);
                    case MetadataMessage answer -> {
                        lastUsefulAt = lastReceivedAt();
                        listener.answered(answer);
                    }
                }
            }
        }

        private void refuse(MetadataMessage.Request request) {
            if (isWritable()) { // a peer that requests and does not read would make us keep every answer
                sendExtended(theirMetadataId, new MetadataMessage.Reject(request.piece()).encode());
            }
        }
    }
}
