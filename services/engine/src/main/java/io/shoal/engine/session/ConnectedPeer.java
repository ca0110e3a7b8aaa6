package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.metadata.MetadataServing;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.PeerListener;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer and the state that each part of the session keeps for it. Passes the peer's messages to those parts. */
final class ConnectedPeer implements PeerListener {
    final Peer connection;
    final @Nullable Candidate candidate;

    final Relation relation;

    private final TorrentSession session;

    /** Where the peer accepts connections: the address that was dialled, or that it announced; null if unknown. */
    @Nullable
    InetSocketAddress listenAddress;

    /** Another address at which it was found to be, because a dial there reached this peer; null if there is none. */
    @Nullable
    InetSocketAddress otherAddress;

    /** Its pieces, once it has announced them. */
    @Nullable
    PeerPieces pieces;

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

    private ConnectedPeer(
            TorrentSession session,
            Handshake theirs,
            InetSocketAddress address,
            @Nullable Candidate candidate,
            boolean isIncoming,
            Relation relation,
            ByteBuf early) {
        this.session = session;
        this.candidate = candidate;
        this.relation = relation;
        this.hasSlot = candidate != null;
        this.listenAddress = candidate == null ? null : candidate.address();
        this.connection = new Peer(session.context(), theirs, address, isIncoming, early, this);
        if (isSibling()) {
            connection.setLocal();
        }
    }

    /** A peer that we dialled. */
    static ConnectedPeer dialled(TorrentSession session, Handshake theirs, Candidate candidate, ByteBuf early) {
        return new ConnectedPeer(
                session, theirs, candidate.address(), candidate, false, relation(session, theirs), early);
    }

    /** A peer that dialled us. */
    static ConnectedPeer incoming(TorrentSession session, Handshake theirs, InetSocketAddress address, ByteBuf early) {
        return new ConnectedPeer(session, theirs, address, null, true, relation(session, theirs), early);
    }

    /** Another torrent of this engine. */
    static ConnectedPeer sibling(
            TorrentSession session, Handshake theirs, InetSocketAddress address, boolean isIncoming, ByteBuf early) {
        return new ConnectedPeer(session, theirs, address, null, isIncoming, Relation.SIBLING, early);
    }

    private static Relation relation(TorrentSession session, Handshake theirs) {
        return session.engine().config().fleet().test(theirs.peerId()) ? Relation.FLEET : Relation.OUTSIDER;
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

    void setChoked(boolean choked, long now) {
        if (choked != connection.isChoked()) {
            chokeChangedAt = now;
            sentAtChokeChange = connection.up().total();
            connection.setChoked(choked);
        }
    }

    @Override
    public void opened() {
        session.connectedPeers().opened(this);
    }

    @Override
    public void has(BitSet has) {
        session.download().has(this, has);
    }

    @Override
    public void has(int piece) {
        session.download().has(this, piece);
    }

    @Override
    public void chokedUs() {
        session.download().releaseRequests(this);
    }

    @Override
    public void unchokedUs() {
        session.download().requestFrom(this);
    }

    @Override
    public void interestChanged() {
        session.unchoking().interestChanged(this);
    }

    @Override
    public void block(int piece, int block, ByteBuf data) {
        session.download().block(this, piece, block, data);
    }

    @Override
    public void extension(ExtensionMessage message) {
        switch (message) {
            case ExtendedHandshake handshake -> described(handshake);
            case UploadOnly change -> uploadOnly = change.uploadOnly();
            case MetadataMessage metadata -> session.unchoking().metadata(this, metadata);
        }
    }

    private void described(ExtendedHandshake handshake) {
        uploadOnly = Objects.requireNonNullElse(handshake.uploadOnly(), uploadOnly);
        if (candidate == null && !isSibling() && handshake.port() > 0) {
            session.connectedPeers().listens(this, new InetSocketAddress(address(), handshake.port()));
        }
    }

    @Override
    public void requestLate(int piece, int block) {
        session.download().requestLate(this, piece, block);
    }

    @Override
    public void requestDropped(int piece, int block) {
        session.download().requestDropped(this, piece, block);
    }

    @Override
    public void readFailed() {
        session.unchoking().readFailed(this);
    }

    @Override
    public void readComplete() {
        session.download().readComplete(this);
    }

    @Override
    public void closed(String reason) {
        session.connectedPeers().left(this, reason);
    }
}
