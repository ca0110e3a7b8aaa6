package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.UploadOnly;
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
    private ExtensionIds extensions = ExtensionIds.NONE;
    private int metadataSize;
    private long lastUsefulAt;

    /** Is notified of the peer's messages, on the loop. */
    public interface Listener {
        /** The connection belongs to this peer now. May close it. */
        void opened();

        /** The peer accepts connections at this port of its address. */
        void listens(int port);

        /** The peer has the info dictionary, of {@code size} bytes by its own account, which it may correct. */
        void offered(int size);

        /** The peer sends a part, or rejects a request. */
        void answered(MetadataMessage message);

        /** The peer names other peers (BEP 11). */
        void exchanged(PexMessage message);

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
        send(request);
    }

    /** Must be called regularly: closes a peer that sends nothing useful. */
    public void tick(long now) {
        if (now - lastUsefulAt > EngineLimits.IDLE.toNanos()) {
            close("of no use");
        }
    }

    private void send(MetadataMessage message) {
        int id = extensions.of(Extension.METADATA);
        if (!isClosed() && id != 0) {
            PeerMessages.extended(outBuffer(), id, message.encode());
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
        if (isClosed()) {
            return;
        }
        if (handshake().capabilities().extended()) {
            PeerMessages.extended(outBuffer(), 0, extendedHandshake.encode());
            flush();
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
            throw new PeerWireException("a block that was not requested");
        }

        @Override
        public void extended(int id, ByteBuf payload) throws PeerWireException {
            switch (ExtensionMessage.decode(id, payload)) {
                case null -> {}
                case ExtendedHandshake handshake -> described(handshake);
                case MetadataMessage.Request request -> refuse(request);
                case MetadataMessage answer -> {
                    lastUsefulAt = lastReceivedAt();
                    listener.answered(answer);
                }
                case PexMessage message -> listener.exchanged(message);
                case UploadOnly change -> {} // nothing is uploaded
            }
        }

        private void described(ExtendedHandshake handshake) {
            extensions = extensions.with(handshake.ids());
            if (handshake.port() > 0) {
                listener.listens(handshake.port());
            }
            metadataSize = handshake.metadataSize() > 0 ? handshake.metadataSize() : metadataSize;
            if (extensions.of(Extension.METADATA) != 0 && metadataSize > 0) {
                lastUsefulAt = lastReceivedAt();
                listener.offered(metadataSize);
            }
        }

        private void refuse(MetadataMessage.Request request) {
            if (isWritable()) { // a peer that requests and does not read would make us keep every answer
                send(new MetadataMessage.Reject(request.piece()));
            }
        }
    }
}
