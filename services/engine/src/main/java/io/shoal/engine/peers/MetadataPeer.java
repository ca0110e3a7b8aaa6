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
 * A peer of a torrent of which we know the info-hash alone. Only what is said of metadata is heard: without the info
 * dictionary nothing else means anything, so it is skipped.
 */
public final class MetadataPeer extends PeerConnection {
    private final ExtendedHandshake extendedHandshake;
    private final Listener listener;
    private int theirMetadataId;
    private long lastUsefulAt;

    /** Hears what the peer says, on the loop. */
    public interface Listener {
        /** The connection is the peer's now. May close it. */
        void opened();

        /** It has the info dictionary, and says that it has so many bytes. */
        void offered(int size);

        /** It gives a part, or refuses. */
        void answered(MetadataMessage message);

        /** It is gone; nothing more is heard. */
        void closed();
    }

    /**
     * @param ours our handshake, said only if the peer dialled us
     * @param theirs what it said first
     * @param early what came right after that, which the peer takes over
     * @param extendedHandshake what we say of ourselves
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

    /** Asks for a part of the info dictionary. */
    public void request(MetadataMessage.Request request) {
        sendExtended(theirMetadataId, request.encode());
    }

    /** To be called now and then: closes a peer from which nothing comes that helps. */
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
    void onReadComplete() {
        // each message was answered as it came
    }

    @Override
    public void writabilityChanged() {
        // what is asked is small and bounded
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
            if (isWritable()) { // who asks and does not read would have us keep every answer
                sendExtended(theirMetadataId, new MetadataMessage.Reject(request.piece()).encode());
            }
        }
    }
}
