package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.exchange.PexIn;
import io.shoal.engine.exchange.PexOut;
import io.shoal.engine.metadata.MetadataServing;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.PeerListener;
import io.shoal.engine.peers.TorrentContext;
import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PeerPieces.Relation;
import io.shoal.engine.picking.PiecePicker;
import io.shoal.engine.verifying.Sender;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A peer and the state that each part of the session keeps for it. Passes the peer's messages to those parts. */
final class ConnectedPeer implements BlockSource, PeerListener {
    final Peer connection;
    final @Nullable Candidate candidate;

    final Relation relation;

    private final Receivers receivers;
    private final Sender sender;

    /** Where the peer accepts connections: the address that was dialled, or that it announced; null if unknown. */
    @Nullable
    InetSocketAddress listenAddress;

    /** Another address at which it was found to be, because a dial there reached this peer; null if there is none. */
    @Nullable
    InetSocketAddress otherAddress;

    /** Its pieces, once it has announced them. */
    @Nullable
    PeerPieces pieces;

    /** What it was told of other peers; null for a sibling, and while it is not connected. */
    PexOut.@Nullable Partner exchangePartner;

    /** When it has told us of other peers. */
    final PexIn.Sender exchangeSender = new PexIn.Sender();

    /** Created at its first request. */
    @Nullable
    MetadataServing metadata;

    /** Whether it has a slot of {@link ConnectionSlots}. */
    boolean hasSlot;

    boolean uploadOnly;
    long connectedAt;

    /** When it was choked or unchoked last. */
    long chokeChangedAt;

    /** Payload bytes sent to it by then. */
    long sentAtChokeChange;

    /**
     * Where the peer's messages go.
     *
     * @param loop guards the beginning and the end of each peer
     */
    record Receivers(
            GuardedLoop loop,
            PeerMembership membership,
            PieceExchange pieces,
            UploadRequests uploads,
            ExtensionReceiver extensions) {}

    /**
     * @param candidate as which it was dialled, null if it dialled us or is a sibling
     * @param early bytes received after the handshake, which are taken over
     */
    ConnectedPeer(
            Receivers receivers,
            TorrentContext context,
            Handshake theirs,
            InetSocketAddress address,
            @Nullable Candidate candidate,
            boolean isIncoming,
            Relation relation,
            ByteBuf early) {
        this.receivers = receivers;
        this.candidate = candidate;
        this.relation = relation;
        this.hasSlot = candidate != null;
        this.listenAddress = candidate == null ? null : candidate.address();
        this.sender = new Sender.Address(address.getAddress());
        this.connection = new Peer(context, theirs, address, isIncoming, early, this);
        if (isSibling()) {
            connection.setLocal();
        }
    }

    /** Whether it is another torrent of this engine. */
    boolean isSibling() {
        return relation == Relation.SIBLING;
    }

    InetAddress address() {
        return connection.address().getAddress();
    }

    boolean isSeed() {
        return pieces != null && pieces.isSeed();
    }

    @Override
    public @Nullable PeerPieces pieces() {
        return pieces;
    }

    @Override
    public Sender sender() {
        return sender;
    }

    @Override
    public int requestsToSend() {
        return connection.requestsToSend();
    }

    @Override
    public boolean canDeliver(int bytes, int seconds) {
        return connection.canDeliver(bytes, seconds);
    }

    @Override
    public boolean isDelivering() {
        return !connection.isChokingUs() && !connection.isSnubbed();
    }

    @Override
    public long rate() {
        return connection.down().perSecond();
    }

    @Override
    public long bestRate() {
        return connection.down().best();
    }

    @Override
    public int pick(PiecePicker picker, PeerPieces from, int count, boolean fast, BlockList into) {
        return picker.pick(from, count, fast, into);
    }

    @Override
    public void request(int piece, int block) {
        connection.request(piece, block);
    }

    @Override
    public void cancel(int piece, int block) {
        connection.cancel(piece, block);
    }

    @Override
    public void cancelAll() {
        connection.cancelAll();
    }

    @Override
    public void flush() {
        connection.flush();
    }

    void setChoked(boolean choked, long now) {
        if (choked != connection.isChoked()) {
            chokeChangedAt = now;
            sentAtChokeChange = connection.up().total();
            connection.setChoked(choked);
        }
    }

    @Override
    public void opened() {
        if (!receivers.loop.run(() -> receivers.membership.opened(this))) {
            connection.close(GuardedLoop.FAULT); // it may be no member yet, which ends with the torrent
        }
    }

    @Override
    public void has(BitSet has) {
        receivers.pieces.has(this, has);
    }

    @Override
    public void has(int piece) {
        receivers.pieces.has(this, piece);
    }

    @Override
    public void chokedUs() {
        receivers.pieces.requestsVoided(this);
    }

    @Override
    public void unchokedUs() {
        receivers.pieces.requestsAccepted(this);
    }

    @Override
    public void interestChanged() {
        receivers.uploads.interestChanged(this);
    }

    @Override
    public void block(int piece, int block, ByteBuf data) {
        receivers.pieces.block(this, piece, block, data);
    }

    @Override
    public void extension(ExtensionMessage message) {
        receivers.extensions.received(this, message);
    }

    @Override
    public void requestLate(int piece, int block) {
        receivers.pieces.requestLate(this, piece, block);
    }

    @Override
    public void requestDropped(int piece, int block) {
        receivers.pieces.requestDropped(this, piece, block);
    }

    @Override
    public void readFailed() {
        receivers.uploads.readFailed(this);
    }

    @Override
    public void readComplete() {
        receivers.pieces.readComplete(this);
    }

    @Override
    public void closed(String reason) {
        receivers.loop.run(() -> receivers.membership.left(this, reason));
    }
}
