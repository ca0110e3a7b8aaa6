package io.shoal.engine.session;

import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentStats.TrackerStats;
import io.shoal.engine.announce.AnnounceIdentity;
import io.shoal.engine.announce.AnnounceProgress;
import io.shoal.engine.announce.Announcer;
import io.shoal.engine.announce.TrackerState;
import java.util.List;
import java.util.random.RandomGenerator;

/** Announces a torrent to its trackers. */
final class SessionAnnouncer implements AnnounceProgress {
    /** With more peers than this, no more are asked for. */
    private static final int ENOUGH_PEERS = 150;

    private final TorrentSession session;
    private final Announcer announcer;

    SessionAnnouncer(TorrentSession session, TorrentSpec spec, Siblings siblings, RandomGenerator random) {
        this.session = session;
        EngineContext engine = session.engine();
        this.announcer = new Announcer(
                new AnnounceIdentity(
                        spec.info().hash(),
                        spec.peerId(),
                        spec.peerId().hashCode(), // the same for every owner of the session, as the peer id is
                        session.port(),
                        engine.config().announcedAddress()),
                spec.trackers(),
                spec.resumed().trackers().stream()
                        .map(state -> new TrackerState.Resumed(state.started(), state.nextAnnounce()))
                        .toList(),
                this,
                engine.trackers(),
                session::addTrackerPeers,
                tracker -> leavePortToSiblings(siblings, tracker),
                session.guardedLoop(),
                random);
    }

    /**
     * Whether other torrents keep this torrent's port announced to {@code tracker}. {@code stopped} would then remove
     * the port for them too where a tracker identifies peers by address. Those torrents announce again instead, because
     * the tracker's record of the port is this torrent's.
     */
    static boolean leavePortToSiblings(Siblings siblings, String tracker) {
        List<PeerAcceptor> others = siblings.sharingPortAt(tracker);
        others.forEach(other -> other.reannounce(tracker));
        return !others.isEmpty();
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isStartedAt(tracker);
    }

    void reannounce(String tracker) {
        announcer.announceSoon(tracker);
    }

    void start() {
        announcer.start();
    }

    void stop(Runnable done) {
        announcer.stop(done);
    }

    void close() {
        announcer.close();
    }

    void completed() {
        announcer.completed();
    }

    void announceSoonIfNeeded() {
        if (session.needsPieces()) {
            announcer.announceSoon();
        }
    }

    void setTrackers(List<List<String>> tiers) {
        announcer.setTrackers(tiers);
    }

    List<TrackerStats> stats() {
        return stats(announcer);
    }

    static List<TrackerStats> stats(Announcer announcer) {
        return announcer.trackers().stream()
                .map(state -> new TrackerStats(state.url(), state.started(), state.nextAnnounce(), state.code()))
                .toList();
    }

    @Override
    public long uploaded() {
        return session.counters().uploaded();
    }

    @Override
    public long downloaded() {
        return session.counters().downloaded();
    }

    @Override
    public long left() {
        return session.download().left();
    }

    @Override
    public boolean isPartialSeed() {
        return session.isDone() && session.download().left() > 0;
    }

    @Override
    public PeerDemand peerDemand() {
        if (session.needsPieces() && session.connectedPeers().size() < ENOUGH_PEERS) {
            return PeerDemand.MANY;
        }
        return session.connectedPeers().size() < ENOUGH_PEERS / 5 ? PeerDemand.SOME : PeerDemand.NONE;
    }

    @Override
    public boolean isIsolated() {
        return session.needsPieces() && !session.connectedPeers().haveSource();
    }
}
