package io.shoal.engine.session;

import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentStats;
import io.shoal.engine.TorrentStats.PeerStats;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.RateMeter;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.util.ArrayList;
import java.util.List;

/** Counts the payload of a session. */
final class SessionCounters {
    private final Resumed resumed;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();
    private long tickedAt;

    SessionCounters(Resumed resumed) {
        this.resumed = resumed;
    }

    void received(int bytes) {
        down.add(bytes);
    }

    void sent(int bytes) {
        up.add(bytes);
    }

    void tick(long now) {
        if (tickedAt != 0) {
            down.tick(now - tickedAt);
            up.tick(now - tickedAt);
        }
        tickedAt = now;
    }

    /** Payload bytes received in the session, predecessors included. */
    long downloaded() {
        return resumed.downloaded() + down.total();
    }

    /** Payload bytes sent in the session, predecessors included. */
    long uploaded() {
        return resumed.uploaded() + up.total();
    }

    long upRate() {
        return up.perSecond();
    }

    TorrentStats snapshot(TorrentSession session) {
        Download download = session.download();
        List<PeerStats> peers = new ArrayList<>();
        for (ConnectedPeer peer : session.connectedPeers()) {
            if (peer.relation != Relation.OUTSIDER) {
                continue; // which other torrents this deployment has must not be shown
            }
            Peer connection = peer.connection;
            peers.add(new PeerStats(
                    connection.address(),
                    connection.client(),
                    peer.isSeed(),
                    connection.isIncoming(),
                    connection.down().total(),
                    connection.up().total(),
                    connection.down().perSecond(),
                    connection.up().perSecond()));
        }
        return new TorrentStats(
                downloaded(),
                uploaded(),
                download.wasted(),
                down.perSecond(),
                up.perSecond(),
                download.left(),
                download.wanted(),
                download.availability(),
                download.hashFailures(),
                download.open(),
                session.announcing().stats(),
                peers);
    }
}
