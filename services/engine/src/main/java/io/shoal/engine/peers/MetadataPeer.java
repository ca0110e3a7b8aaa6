package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A peer of a torrent of which we know the info-hash alone. Only what is said of metadata is heard: without the info
 * dictionary nothing else means anything, so it is skipped.
 */
public final class MetadataPeer implements ConnectionHandler {
    private static final int OUT_BYTES = 128;

    private final Loop loop;
    private final Handshake ours;
    private final Handshake theirs;
    private final ExtendedHandshake introduction;
    private final InetSocketAddress address;
    private final boolean incoming;
    private final Listener listener;
    private final PeerMessageDecoder decoder;
    private @Nullable ByteBuf early;
    private @Nullable Connection connection;
    private boolean closed;
    private int theirMetadataId;
    private long heardAt;

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
     * @param introduction what we say of ourselves
     */
    public MetadataPeer(
            Loop loop,
            Handshake ours,
            Handshake theirs,
            InetSocketAddress address,
            boolean incoming,
            ByteBuf early,
            ExtendedHandshake introduction,
            Listener listener) {
        this.loop = loop;
        this.ours = ours;
        this.theirs = theirs;
        this.address = address;
        this.incoming = incoming;
        this.early = early;
        this.introduction = introduction;
        this.listener = listener;
        this.decoder = new PeerMessageDecoder(PooledByteBufAllocator.DEFAULT, new Ear());
    }

    public Handshake handshake() {
        return theirs;
    }

    public InetSocketAddress address() {
        return address;
    }

    public boolean isIncoming() {
        return incoming;
    }

    /** Asks for a part of the info dictionary. */
    public void ask(MetadataMessage.Request request) {
        send(request);
    }

    /** To be called now and then: closes a peer from which nothing comes. */
    public void tick(long now) {
        if (now - heardAt > EngineLimits.IDLE.toNanos()) {
            close();
        }
    }

    public void close() {
        if (connection != null) {
            connection.close();
        }
        closed();
    }

    private void send(MetadataMessage message) {
        say(theirMetadataId, message.encode());
    }

    private void say(int id, byte[] payload) {
        Connection to = connection;
        if (to != null && !closed) {
            ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(OUT_BYTES);
            PeerMessages.extended(out, id, payload);
            to.write(out);
            to.flush();
        }
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        heardAt = loop.nanoTime();
        listener.opened();
        if (closed) {
            return;
        }
        if (!theirs.extended()) {
            close();
            return;
        }
        if (incoming) {
            ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(Handshake.LENGTH);
            ours.encode(out);
            opened.write(out);
        }
        say(0, introduction.encode());
        ByteBuf rest = early;
        early = null;
        if (rest != null) {
            try {
                received(rest);
            } finally {
                rest.release();
            }
        }
    }

    @Override
    public void received(ByteBuf bytes) {
        if (closed) {
            return;
        }
        try {
            decoder.decode(bytes);
        } catch (PeerWireException e) {
            close();
        }
    }

    @Override
    public void writabilityChanged() {
        // what is asked is small and bounded
    }

    @Override
    public void closed() {
        if (!closed) {
            closed = true;
            decoder.close();
            if (early != null) {
                early.release();
                early = null;
            }
            listener.closed();
        }
    }

    private final class Ear implements PeerMessageHandler {
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
                    heardAt = loop.nanoTime();
                    listener.offered(handshake.metadataSize());
                }
            } else if (id == Peer.METADATA_ID && theirMetadataId != 0) {
                MetadataMessage message = MetadataMessage.decode(payload);
                if (message instanceof MetadataMessage.Request request) {
                    send(new MetadataMessage.Reject(request.piece()));
                } else if (message != null) {
                    heardAt = loop.nanoTime();
                    listener.answered(message);
                }
            }
        }
    }
}
