package io.shoal.engine.session;

import io.shoal.bittorrent.ClientNames;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Takes detailed views of a swarm. Nothing is kept or computed between two of them. */
final class SwarmInspection {
    private static final Comparator<ConnectedPeer> BUSIEST_FIRST = Comparator.comparingLong(
            peer -> -peer.connection.down().perSecond() - peer.connection.up().perSecond());

    private final PeerSet connected;
    private final Download download;
    private final Unchoking unchoking;
    private final PeerOrigins origins;

    SwarmInspection(PeerSet connected, Download download, Unchoking unchoking, PeerOrigins origins) {
        this.connected = connected;
        this.download = download;
        this.unchoking = unchoking;
        this.origins = origins;
    }

    SwarmSnapshot take(int peers, int buckets) {
        List<ConnectedPeer> outsiders = new ArrayList<>();
        for (ConnectedPeer peer : connected) {
            if (peer.relation == Relation.OUTSIDER) { // which other torrents this deployment has must not be shown
                outsiders.add(peer);
            }
        }
        outsiders.sort(BUSIEST_FIRST);
        return new SwarmSnapshot(
                outsiders.size(),
                outsiders.stream().limit(peers).map(this::details).toList(),
                download.availability(Math.min(buckets, download.pieceCount())));
    }

    private PeerDetails details(ConnectedPeer peer) {
        Peer connection = peer.connection;
        return new PeerDetails(
                connection.address(),
                connection.client().isEmpty()
                        ? ClientNames.of(connection.handshake().peerId())
                        : connection.client(),
                connection.isIncoming(),
                connection.isInteresting(),
                connection.isInterested(),
                connection.isChoked(),
                connection.isChokingUs(),
                unchoking.isOptimistic(peer),
                connection.isSnubbed(),
                peer.uploadOnly,
                connection.isEncrypted(),
                done(peer),
                connection.down().perSecond(),
                connection.up().perSecond(),
                connection.down().total(),
                connection.up().total(),
                PeerOrigins.isOnlyExchanged(peer),
                origins.of(peer));
    }

    /** Rounded down, so that only a seed has 1,000. */
    private int done(ConnectedPeer peer) {
        PeerPieces pieces = peer.pieces;
        return pieces == null ? 0 : (int) (1_000L * pieces.count() / download.pieceCount());
    }
}
