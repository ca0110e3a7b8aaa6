package io.shoal.engine.session;

import io.shoal.engine.TorrentStats;
import io.shoal.engine.TorrentStats.PeerStats;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.picking.PeerPieces.Relation;
import java.util.ArrayList;
import java.util.List;

/** Takes the snapshots of a torrent that its owner reads. */
final class StatsSnapshots {
    private final SessionCounters counters;
    private final Download download;
    private final PeerSet connected;
    private final SessionAnnouncer announcer;
    private final WebSeedSet webSeeds;

    StatsSnapshots(
            SessionCounters counters,
            Download download,
            PeerSet connected,
            SessionAnnouncer announcer,
            WebSeedSet webSeeds) {
        this.counters = counters;
        this.download = download;
        this.connected = connected;
        this.announcer = announcer;
        this.webSeeds = webSeeds;
    }

    TorrentStats take() {
        List<PeerStats> peers = new ArrayList<>();
        for (ConnectedPeer peer : connected) {
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
                counters.downloaded(),
                counters.uploaded(),
                download.wasted(),
                counters.downRate(),
                counters.upRate(),
                download.left(),
                download.wanted(),
                download.availability(),
                download.hashFailures(),
                download.open(),
                announcer.stats(),
                peers,
                webSeeds.stats());
    }
}
