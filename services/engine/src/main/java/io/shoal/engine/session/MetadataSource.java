package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.exchange.PexIn;
import io.shoal.engine.peers.MetadataPeer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A peer of a magnet. Passes the peer's messages on. */
final class MetadataSource implements MetadataPeer.Listener {
    final MetadataPeer peer;
    final @Nullable Candidate candidate;
    private final GuardedLoop loop;
    private final Receiver receiver;

    /** Whether it has a slot of {@link ConnectionSlots}. */
    boolean hasSlot;

    /** Whether it has the info dictionary, by its own account. */
    boolean offers;

    /** Whether it has answered a request. */
    boolean hasAnswered;

    long openedAt;

    /** When it has told us of other peers. */
    final PexIn.Sender exchangeSender = new PexIn.Sender();

    /** Where an incoming peer accepts connections; null if unknown. */
    @Nullable
    InetSocketAddress listenAddress;

    /** Receives what peers send. */
    interface Receiver {
        /** The connection is open: the peer is accepted, or closed. */
        void opened(MetadataSource source);

        /** The peer accepts connections at this port of its address. */
        void listens(MetadataSource source, int port);

        /** The peer has the info dictionary, of {@code size} bytes by its own account. */
        void offered(MetadataSource source, int size);

        void answered(MetadataSource source, MetadataMessage message);

        /** The peer names other peers (BEP 11). */
        void exchanged(MetadataSource source, PexMessage message);

        /** The peer has disconnected, whether or not it was accepted. The last call. */
        void left(MetadataSource source);
    }

    /**
     * @param candidate as which it was dialled, null if it dialled us
     * @param early bytes received after the handshake, which are taken over
     * @param description our extended handshake
     */
    MetadataSource(
            GuardedLoop loop,
            Handshake ours,
            Handshake theirs,
            InetSocketAddress address,
            @Nullable Candidate candidate,
            ByteBuf early,
            ExtendedHandshake description,
            Receiver receiver) {
        this.loop = loop;
        this.candidate = candidate;
        this.receiver = receiver;
        this.hasSlot = candidate != null;
        this.peer = new MetadataPeer(loop, ours, theirs, address, candidate == null, early, description, this);
    }

    PeerId peerId() {
        return peer.handshake().peerId();
    }

    InetAddress address() {
        return peer.address().getAddress();
    }

    @Override
    public void opened() {
        if (!loop.run(() -> receiver.opened(this))) {
            peer.close(GuardedLoop.FAULT);
        }
    }

    @Override
    public void listens(int port) {
        receiver.listens(this, port);
    }

    @Override
    public void offered(int size) {
        receiver.offered(this, size);
    }

    @Override
    public void answered(MetadataMessage message) {
        receiver.answered(this, message);
    }

    @Override
    public void exchanged(PexMessage message) {
        receiver.exchanged(this, message);
    }

    @Override
    public void closed() {
        loop.run(() -> receiver.left(this));
    }
}
