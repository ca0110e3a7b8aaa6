package io.shoal.engine.session;

import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which peers are accepted, and which are closed again.
 *
 * <p>Invariant: no two accepted peers have the same peer id for long, none has ours, none is banned, and each has a slot
 * of {@link ConnectionSlots}, which is released when it leaves.
 */
final class ConnectedPeers implements PeerMembership {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectedPeers.class);

    /** The close reason of a connection of this torrent with itself. */
    private static final String OURSELVES = "ourselves";

    /** The close reason of peers that were promised pieces which the store has lost. */
    static final String PIECES_LOST = "pieces were lost that it was promised";

    /** The close reason of a peer whose seat another torrent needs more. */
    static final String SEAT_GIVEN_UP = "its seat is needed";

    /** A connection that lasted longer was of use, even if no payload flowed. */
    private static final Duration LASTING = Duration.ofSeconds(60);

    private final GuardedLoop loop;
    private final Handshake ours;
    private final PeerSet peers;
    private final ConnectionSlots slots;
    private final Presence presence;
    private final TorrentActivity activity;
    private final Events events;

    /** Is notified of accepted peers. */
    interface Events {
        /** The peer is accepted; nothing has been sent to it yet. */
        void joined(ConnectedPeer peer);

        /** A peer that had joined has disconnected. */
        void left(ConnectedPeer peer);
    }

    ConnectedPeers(
            GuardedLoop loop,
            Handshake ours,
            PeerSet peers,
            ConnectionSlots slots,
            Presence presence,
            TorrentActivity activity,
            Events events) {
        this.loop = loop;
        this.ours = ours;
        this.peers = peers;
        this.slots = slots;
        this.presence = presence;
        this.activity = activity;
        this.events = events;
    }

    // ---- Joining

    @Override
    public void opened(ConnectedPeer newcomer) {
        newcomer.hasSlot = newcomer.hasSlot || acquireSlot(newcomer);
        String rejection = newcomer.hasSlot ? rejectionReason(newcomer) : "no room for it";
        if (rejection != null) {
            newcomer.connection.close(rejection);
            return;
        }
        peers.add(newcomer);
        presence.connected(newcomer.connection.handshake().peerId());
        presence.addSibling(newcomer.isSibling() ? 1 : 0);
        newcomer.connectedAt = loop.nanoTime();
        newcomer.chokeChangedAt = newcomer.connectedAt;
        events.joined(newcomer);
        slots.giveUpSeats();
    }

    private boolean acquireSlot(ConnectedPeer newcomer) {
        return newcomer.isSibling() ? slots.acquireForSibling(newcomer.address()) : slots.acquire(newcomer.address());
    }

    /** Returns why this peer is not accepted; null if it is. */
    private @Nullable String rejectionReason(ConnectedPeer newcomer) {
        Handshake theirs = newcomer.connection.handshake();
        if (!activity.isActive()) {
            return "stopped";
        }
        if (!theirs.infoHash().equals(ours.infoHash())) {
            return "another torrent";
        }
        if (theirs.peerId().equals(ours.peerId())) {
            return OURSELVES;
        }
        if (slots.isBanned(newcomer.address())) {
            return "banned";
        }
        for (ConnectedPeer other : peers) {
            if (other.connection.handshake().peerId().equals(theirs.peerId())) {
                return replacesOlder(other, newcomer) ? null : DuplicateConnection.REASON;
            }
        }
        return null;
    }

    /** Closes one of two connections to a peer. @return whether {@code older} was closed in favour of {@code newer} */
    private boolean replacesOlder(ConnectedPeer older, ConnectedPeer newer) {
        boolean replaces = DuplicateConnection.replaces(
                ours.peerId(),
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

    /** The peer has described itself, at first or again. */
    void described(ConnectedPeer peer, ExtendedHandshake handshake) {
        peer.uploadOnly = Objects.requireNonNullElse(handshake.uploadOnly(), peer.uploadOnly);
        if (peer.candidate == null && !peer.isSibling() && handshake.port() > 0) {
            listens(peer, new InetSocketAddress(peer.address(), handshake.port()));
        }
    }

    /** An incoming peer has announced where it listens: it is not dialled there. */
    private void listens(ConnectedPeer peer, InetSocketAddress address) {
        if (!peers.contains(peer)) {
            return;
        }
        if (peer.listenAddress != null) {
            slots.disconnected(peer.listenAddress);
        }
        peer.listenAddress = address;
        slots.connected(address);
    }

    // ---- Leaving

    /** Must be called about once a second. Closes peers if neither side wants anything of the other. */
    void tick(long now) {
        slots.publish();
        for (ConnectedPeer peer : peers) {
            peer.connection.tick(now);
            if (activity.isActive() && isIdle(peer)) {
                peer.connection.close("neither of us wants anything");
            }
        }
    }

    private boolean isIdle(ConnectedPeer peer) {
        return activity.isDone() && (peer.isSeed() || peer.uploadOnly);
    }

    void closeAll(String reason) {
        for (ConnectedPeer peer : peers) {
            peer.connection.close(reason);
        }
    }

    void closeBanned(InetAddress address) {
        for (ConnectedPeer peer : peers) {
            if (peer.address().equals(address)) {
                peer.connection.close("banned");
            }
        }
    }

    @Override
    public void left(ConnectedPeer peer, String reason) {
        LOG.debug("{}: {} left: {}", ours.infoHash(), peer.connection.address(), reason);
        if (!peer.hasSlot) {
            return;
        }
        boolean idle = isIdle(peer); // before the download removes its pieces
        boolean accepted = peers.contains(peer);
        if (accepted) {
            peers.remove(peer);
            presence.disconnected(peer.connection.handshake().peerId());
            presence.addSibling(peer.isSibling() ? -1 : 0);
            events.left(peer);
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
        if (activity.isActive() && idle && peer.listenAddress != null) {
            slots.rememberIdle(peer.listenAddress);
        }
    }

    private Ending ending(ConnectedPeer peer, boolean accepted, String reason, boolean idle) {
        if (!activity.isActive() || idle) {
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
