package io.shoal.engine.session;

import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentStats.TrackerStats;
import io.shoal.engine.announce.Announced;
import io.shoal.engine.announce.Announcer;
import io.shoal.engine.announce.Progress;
import io.shoal.engine.announce.TrackerState;
import java.util.List;
import java.util.random.RandomGenerator;

/** A torrent's word to its trackers. */
final class Announcing implements Progress {
    /** With more peers than that we ask for no more. */
    private static final int ENOUGH = 150;

    private final TorrentSession session;
    private final Announcer announcer;

    Announcing(TorrentSession session, TorrentSpec spec, Siblings siblings, RandomGenerator random) {
        this.session = session;
        Surroundings around = session.surroundings();
        this.announcer = new Announcer(
                new Announced(
                        spec.info().hash(),
                        spec.peerId(),
                        spec.peerId().hashCode(), // the same for every owner of the session, as the peer id is
                        session.port(),
                        around.config().announcedAddress()),
                spec.trackers(),
                spec.resumed().trackers().stream()
                        .map(state -> new TrackerState.Resumed(state.started(), state.nextAnnounce()))
                        .toList(),
                this,
                around.trackers(),
                session::named,
                tracker -> leavesPortToOthers(siblings, tracker),
                session.loop(),
                random);
    }

    /**
     * Whether other torrents go on announcing this torrent's port to {@code tracker}. Then {@code stopped} would take the port from
     * them where a tracker keeps peers by address; instead they announce again, as what the tracker knows of the port is ours.
     */
    static boolean leavesPortToOthers(Siblings siblings, String tracker) {
        List<Arrivals> others = siblings.announcing(tracker);
        others.forEach(other -> other.announceAgain(tracker));
        return !others.isEmpty();
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isStartedAt(tracker);
    }

    void announceAgain(String tracker) {
        announcer.hurry(tracker);
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

    void hurryIfHungry() {
        if (session.isHungry()) {
            announcer.hurry();
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
                .map(state -> new TrackerStats(state.url(), state.started(), state.handOver(), state.code()))
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
    public boolean partialSeed() {
        return session.isDone() && session.download().left() > 0;
    }

    @Override
    public Appetite appetite() {
        if (session.isHungry() && session.members().size() < ENOUGH) {
            return Appetite.HUNGRY;
        }
        return session.members().size() < ENOUGH / 5 ? Appetite.SOME : Appetite.NONE;
    }
}
