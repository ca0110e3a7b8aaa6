package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.TorrentContext;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.net.InetSocketAddress;
import java.util.function.Predicate;

/** Creates the peers of one torrent, whose messages then go to its parts. May be used on any thread. */
final class PeerFactory {
    private final TorrentContext context;
    private final Predicate<PeerId> fleet;
    private final ConnectedPeer.Receivers receivers;

    /** @param fleet which peers are torrents of this deployment */
    PeerFactory(TorrentContext context, Predicate<PeerId> fleet, ConnectedPeer.Receivers receivers) {
        this.context = context;
        this.fleet = fleet;
        this.receivers = receivers;
    }

    /** A peer that we dialled. */
    Peer dialled(Handshake theirs, Candidate candidate, ByteBuf early) {
        return new ConnectedPeer(
                        receivers, context, theirs, candidate.address(), candidate, false, relation(theirs), early)
                .connection;
    }

    /** A peer that dialled us. */
    Peer incoming(Handshake theirs, InetSocketAddress address, ByteBuf early) {
        return new ConnectedPeer(receivers, context, theirs, address, null, true, relation(theirs), early).connection;
    }

    /** Another torrent of this engine. */
    Peer sibling(Handshake theirs, InetSocketAddress address, boolean isIncoming, ByteBuf early) {
        return new ConnectedPeer(receivers, context, theirs, address, null, isIncoming, Relation.SIBLING, early)
                .connection;
    }

    private Relation relation(Handshake theirs) {
        return fleet.test(theirs.peerId()) ? Relation.FLEET : Relation.OUTSIDER;
    }
}
