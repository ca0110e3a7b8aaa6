package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.peers.HandshakeHandler;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Connects a public torrent that wants pieces to the other torrents of its info-hash on this engine. Trackers that
 * identify peers by address return one of the torrents that share a port, and many seeds accept one peer of an address:
 * the others get from it what it gets.
 */
final class SiblingConnector {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final GuardedLoop loop;
    private final Handshake ours;
    private final Presence presence;
    private final Siblings siblings;
    private final PeerFactory peers;
    private final BooleanSupplier needsPieces;
    private boolean hasSearched;
    private long lastSearchAt;

    SiblingConnector(
            GuardedLoop loop,
            Handshake ours,
            Presence presence,
            Siblings siblings,
            PeerFactory peers,
            BooleanSupplier needsPieces) {
        this.loop = loop;
        this.ours = ours;
        this.presence = presence;
        this.siblings = siblings;
        this.peers = peers;
        this.needsPieces = needsPieces;
    }

    /** Must be called about once a second. */
    void tick(long now) {
        int free = EngineLimits.SIBLINGS_PER_TORRENT - presence.siblings();
        if (!needsPieces.getAsBoolean() || free <= 0 || hasSearched && now - lastSearchAt < INTERVAL.toNanos()) {
            return;
        }
        hasSearched = true;
        lastSearchAt = now;
        List<? extends Sibling> unconnected = siblings.connectable().stream()
                .filter(each -> isNew(each.presence()))
                .sorted(Comparator.comparingInt(each -> each.presence().siblings()))
                .limit(free)
                .toList();
        unconnected.forEach(this::connect);
    }

    private boolean isNew(Presence other) {
        return !presence.isConnectedTo(other.peerId()) && other.siblings() < 2 * EngineLimits.SIBLINGS_PER_TORRENT;
    }

    private void connect(Sibling sibling) {
        HandshakeHandler here = HandshakeHandler.outgoing(ours, new HandshakeListener(false));
        DirectConnection.open(loop.end(presence.address(), here), sibling.acceptSibling());
    }

    /** Returns this torrent's end of a connection with another torrent of this engine. Any thread. */
    DirectConnection.End accept() {
        return loop.end(presence.address(), HandshakeHandler.incoming(new HandshakeListener(true)));
    }

    private final class HandshakeListener implements HandshakeHandler.Listener {
        private final boolean isIncoming;

        HandshakeListener(boolean isIncoming) {
            this.isIncoming = isIncoming;
        }

        @Override
        public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
            connection.moveTo(loop, peers.sibling(theirs, connection.remote(), isIncoming, rest));
        }

        @Override
        public void failed(boolean wasOpen) {
            // the other torrent is leaving, or rejects this one: it is tried again later if it still runs
        }
    }
}
