package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.HandshakeHandler;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.picking.PeerPieces.Relation;
import io.shoal.engine.session.ConnectionSlots.Ending;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peers that were accepted. Iteration is safe while peers join and leave; calls to peers that have left do nothing.
 *
 * <p>Invariant: no two have the same peer id for long, none has ours, none is banned, and each has a slot of
 * {@link ConnectionSlots}, which is released when it leaves.
 */
final class ConnectedPeers implements Iterable<ConnectedPeer> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectedPeers.class);

    /** The close reason of a connection of this torrent with itself. */
    private static final String OURSELVES = "ourselves";

    /** The close reason of peers that were promised pieces which the store has lost. */
    static final String PIECES_LOST = "pieces were lost that it was promised";

    /** The close reason of a peer whose seat another torrent needs more. */
    private static final String SEAT_GIVEN_UP = "its seat is needed";

    /** A connection that lasted longer was of use, even if no payload flowed. */
    private static final Duration LASTING = Duration.ofSeconds(60);

    /** The greatest is closed first: outsiders, then those that want nothing, the slowest, the youngest. */
    private static final Comparator<ConnectedPeer> LEAST_USEFUL = Comparator.<ConnectedPeer>comparingInt(
                    peer -> peer.isSibling() ? 0 : 1)
            .thenComparingInt(peer -> peer.connection.isInterested() || peer.connection.isInteresting() ? 0 : 1)
            .thenComparingLong(peer ->
                    -peer.connection.down().perSecond() - peer.connection.up().perSecond())
            .thenComparingLong(peer -> peer.connectedAt);

    private final TorrentSession session;
    private final Loop loop;
    private final Info info;
    private final PeerId peerId;
    private final ConnectionSlots slots;
    private final Presence presence;

    /** What connected peers know: whether this torrent wants nothing. */
    private boolean sentUploadOnly;

    /** Replaced on every change, so that peers may join and leave during an iteration. */
    private List<ConnectedPeer> all = List.of();

    /** @param owner of the torrent, with whose torrents it shares the engine's connections */
    ConnectedPeers(TorrentSession session, String owner) {
        this.session = session;
        this.loop = session.loop();
        this.info = session.info();
        this.peerId = session.peerId();
        this.presence = session.presence();
        this.slots = new ConnectionSlots(
                session.engine(), loop, owner, session.download()::isBanned, this::giveUpSeats, this::connectTo);
    }

    @Override
    public Iterator<ConnectedPeer> iterator() {
        return all.iterator();
    }

    int size() {
        return all.size();
    }

    // ---- Joining

    void addCandidates(List<InetSocketAddress> peers) {
        slots.addCandidates(peers);
        dial();
    }

    /** Whether there is a peer to get pieces from, now or later: downloads of this deployment that wait like this one do not count. */
    boolean haveSource() {
        for (ConnectedPeer each : all) {
            if (each.relation == Relation.OUTSIDER || each.isSeed()) {
                return true;
            }
        }
        return false;
    }

    /** See {@link ConnectionSlots#hasBecomeIsolated}. */
    boolean haveBecomeIsolated() {
        return slots.hasBecomeIsolated();
    }

    /** More is wanted: dials the peers that were disconnected as idle. */
    void recallIdle() {
        slots.recallIdle();
        dial();
    }

    /** The torrent leaves. */
    void close() {
        slots.close();
    }

    void clearCandidates() {
        slots.clearCandidates();
    }

    /** Dials the candidates that are due. A torrent that needs no pieces dials fewer: its peers dial it. */
    void dial() {
        slots.dial(session.needsPieces() ? EngineLimits.DIAL_BELOW : EngineLimits.SEED_DIAL_BELOW);
        presence.setPeers(slots.inUse());
    }

    private void connectTo(Candidate candidate) {
        Handshake ours = session.context().handshake();
        session.engine()
                .network()
                .connect(loop, candidate.address(), HandshakeHandler.outgoing(ours, new HandshakeHandler.Listener() {
                    @Override
                    public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                        if (slots.dialSucceeded(candidate)) {
                            connection.moveTo(loop, ConnectedPeer.dialled(session, theirs, candidate, rest).connection);
                        } else {
                            rest.release();
                            connection.close();
                            presence.setPeers(slots.inUse());
                        }
                    }

                    @Override
                    public void failed() {
                        slots.dialFailed(candidate);
                        presence.setPeers(slots.inUse());
                        if (session.isActive()) {
                            dial();
                        }
                    }
                }));
    }

    /** Other torrents have less than their share of connections: closes the least useful ones. */
    private void giveUpSeats() {
        while (slots.owed() > 0 && !all.isEmpty()) {
            Collections.max(all, LEAST_USEFUL).connection.close(SEAT_GIVEN_UP);
        }
    }

    /** Returns the handler for the connection of {@code theirs}, which must be moved to this torrent's loop. */
    ConnectionHandler incoming(Handshake theirs, InetSocketAddress address, ByteBuf rest, boolean answered) {
        Peer peer = ConnectedPeer.incoming(session, theirs, address, rest).connection;
        if (answered) {
            peer.handshakeWasSent();
        }
        return peer;
    }

    /** Connects to another torrent of this engine, which has the same info-hash. */
    void connect(RunningTorrent sibling) {
        Handshake ours = session.context().handshake();
        ConnectionHandler here = HandshakeHandler.outgoing(ours, new HandshakeHandler.Listener() {
            @Override
            public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                connection.moveTo(
                        loop, ConnectedPeer.sibling(session, theirs, connection.remote(), false, rest).connection);
            }

            @Override
            public void failed() {
                // the other torrent is leaving or rejects us: it is tried again later if it still runs
            }
        });
        DirectConnection.open(new DirectConnection.End(loop, presence.address(), here), sibling.acceptSibling());
    }

    /** Returns this torrent's end of a connection with another torrent of this engine. */
    ConnectionHandler acceptSibling() {
        return HandshakeHandler.incoming(new HandshakeHandler.Listener() {
            @Override
            public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                connection.moveTo(
                        loop, ConnectedPeer.sibling(session, theirs, connection.remote(), true, rest).connection);
            }

            @Override
            public void failed() {
                // the other torrent has closed the connection
            }
        });
    }

    /** The connection is open: the peer is accepted, or closed. */
    void opened(ConnectedPeer newcomer) {
        newcomer.hasSlot = newcomer.hasSlot || acquireSlot(newcomer);
        String rejection = newcomer.hasSlot ? rejectionReason(newcomer) : "no room for it";
        if (rejection != null) {
            newcomer.connection.close(rejection);
            return;
        }
        List<ConnectedPeer> more = new ArrayList<>(all);
        more.add(newcomer);
        all = List.copyOf(more);
        presence.connected(newcomer.connection.handshake().peerId());
        presence.addSibling(newcomer.isSibling() ? 1 : 0);
        newcomer.connectedAt = loop.nanoTime();
        newcomer.chokeChangedAt = newcomer.connectedAt;
        newcomer.connection.sendInitialMessages(session.download().served(), extendedHandshake(newcomer));
        if (all.size() == 1) {
            session.shortenTick();
        }
        giveUpSeats();
    }

    private boolean acquireSlot(ConnectedPeer newcomer) {
        boolean taken =
                newcomer.isSibling() ? slots.acquireForSibling(newcomer.address()) : slots.acquire(newcomer.address());
        presence.setPeers(slots.inUse());
        return taken;
    }

    /** Returns why this peer is not accepted; null if it is. */
    private @Nullable String rejectionReason(ConnectedPeer newcomer) {
        Handshake theirs = newcomer.connection.handshake();
        if (!session.isActive()) {
            return "stopped";
        }
        if (!theirs.infoHash().equals(info.hash())) {
            return "another torrent";
        }
        if (theirs.peerId().equals(peerId)) {
            return OURSELVES;
        }
        if (session.download().isBanned(newcomer.address())) {
            return "banned";
        }
        for (ConnectedPeer other : all) {
            if (other.connection.handshake().peerId().equals(theirs.peerId())) {
                return replacesOlder(other, newcomer) ? null : DuplicateConnection.REASON;
            }
        }
        return null;
    }

    /** Closes one of two connections to a peer. @return whether {@code older} was closed in favour of {@code newer} */
    private boolean replacesOlder(ConnectedPeer older, ConnectedPeer newer) {
        boolean replaces = DuplicateConnection.replaces(
                peerId,
                newer.connection.handshake().peerId(),
                older.connection.isIncoming(),
                newer.connection.isIncoming(),
                loop.nanoTime() - older.connectedAt);
        if (replaces) {
            older.connection.close(DuplicateConnection.REASON);
        } else if (newer.candidate != null && older.otherAddress == null && !older.isSibling()) {
            older.otherAddress = newer.candidate.address();
            slots.connected(older.otherAddress);
        }
        return replaces;
    }

    /** An incoming peer has announced where it listens: it is not dialled there. */
    void listens(ConnectedPeer peer, InetSocketAddress address) {
        if (!all.contains(peer)) {
            return;
        }
        if (peer.listenAddress != null) {
            slots.disconnected(peer.listenAddress);
        }
        peer.listenAddress = address;
        slots.connected(address);
    }

    private ExtendedHandshake extendedHandshake(ConnectedPeer peer) {
        boolean servesMetadata = !info.isPrivate();
        return new ExtendedHandshake(
                ExtensionIds.ours(
                        servesMetadata
                                ? Set.of(Extension.METADATA, Extension.UPLOAD_ONLY)
                                : Set.of(Extension.UPLOAD_ONLY)),
                servesMetadata ? info.size() : 0,
                session.port(),
                EngineLimits.REQUESTS_QUEUED,
                TorrentSession.CLIENT,
                session.isDone(),
                peer.isSibling() ? Addresses.NONE : session.engine().addressesFor(peer.address()));
    }

    /** Sends whether the torrent wants anything when that has changed: at the end of a download, or with its wish. */
    private void sendUploadOnly() {
        boolean isDone = session.isDone();
        if (isDone == sentUploadOnly) {
            return;
        }
        sentUploadOnly = isDone;
        for (ConnectedPeer peer : all) {
            // A whole handshake to others: some clients drop every extension that a later one does not name again.
            peer.connection.send(
                    peer.connection.supports(Extension.UPLOAD_ONLY) ? new UploadOnly(isDone) : extendedHandshake(peer));
        }
    }

    // ---- Leaving

    /** Must be called regularly. Closes peers if neither side wants anything of the other. */
    void tick(long now) {
        presence.setPeers(slots.inUse());
        sendUploadOnly();
        for (ConnectedPeer peer : all) {
            peer.connection.tick(now);
            if (session.isActive() && isIdle(peer)) {
                peer.connection.close("neither of us wants anything");
            }
        }
    }

    private boolean isIdle(ConnectedPeer peer) {
        return session.isDone() && (peer.isSeed() || peer.uploadOnly);
    }

    void closeAll(String reason) {
        session.unchoking().chokeAll();
        for (ConnectedPeer peer : all) {
            peer.connection.close(reason);
        }
    }

    void banned(InetAddress address) {
        for (ConnectedPeer peer : all) {
            if (peer.address().equals(address)) {
                peer.connection.close("banned");
            }
        }
    }

    void left(ConnectedPeer peer, String reason) {
        LOG.debug("{}: {} left: {}", info.hash(), peer.connection.address(), reason);
        if (!peer.hasSlot) {
            return;
        }
        boolean idle = isIdle(peer); // before the download removes its pieces
        boolean accepted = all.contains(peer);
        if (accepted) {
            List<ConnectedPeer> fewer = new ArrayList<>(all);
            fewer.remove(peer);
            all = List.copyOf(fewer);
            presence.disconnected(peer.connection.handshake().peerId());
            presence.addSibling(peer.isSibling() ? -1 : 0);
            session.download().left(peer);
            session.unchoking().left(peer);
        }
        if (peer.isSibling()) {
            slots.releaseForSibling();
            return;
        }
        if (peer.listenAddress != null) {
            slots.disconnected(peer.listenAddress);
        }
        if (peer.otherAddress != null) {
            slots.disconnected(peer.otherAddress);
        }
        slots.release(peer.address());
        slots.ended(peer.candidate, peer.listenAddress, ending(peer, accepted, reason, idle));
        presence.setPeers(slots.inUse());
        if (session.isActive() && idle && peer.listenAddress != null) {
            slots.rememberIdle(peer.listenAddress);
        }
    }

    private Ending ending(ConnectedPeer peer, boolean accepted, String reason, boolean idle) {
        if (!session.isActive() || idle) {
            return Ending.FINAL;
        }
        if (peer.connection.brokeProtocol() || reason.equals(OURSELVES)) {
            return Ending.FAULT;
        }
        if (reason.equals(PIECES_LOST) || reason.equals(SEAT_GIVEN_UP)) {
            return Ending.INTERRUPTED;
        }
        boolean payloadFlowed =
                peer.connection.down().total() + peer.connection.up().total() > 0;
        boolean lasted = accepted && loop.nanoTime() - peer.connectedAt > LASTING.toNanos();
        return payloadFlowed || lasted ? Ending.USED : Ending.USELESS;
    }
}
