package io.shoal.swarm.running;

import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.engine.NextAnnounce;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentSpec.TrackerState;
import io.shoal.engine.TorrentStats;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Totals over all owners of a slice: what the last one has published, and what the torrent has counted since. The state
 * of trackers is carried over too, so that they see one peer. Any thread; one lock.
 */
final class SliceTotals {
    /**
     * Figures of a torrent.
     *
     * @param stats null while it is not in the engine
     */
    record Figures(
            Totals totals,
            Rates rates,
            Peers peers,
            List<Tracker> trackers,
            @Nullable TorrentStats stats) {

        /** Returns why it makes no progress; null if it does, or is not meant to. */
        @Nullable
        Reason reason(State state) {
            if (stats == null || state != State.DOWNLOADING || stats.downRate() > 0) {
                return null;
            }
            if (stats.peers().isEmpty()) {
                boolean failing = !trackers.isEmpty()
                        && trackers.stream()
                                .noneMatch(
                                        t -> t.code().equals("ok") || t.code().equals("waiting"));
                return failing ? Reason.TRACKERS_FAILING : Reason.NO_PEERS;
            }
            return stats.availability() < 1000 ? Reason.MISSING_PIECES : null;
        }
    }

    private final InstantSource clock;
    private Totals before;
    private List<Tracker> trackers;
    private @Nullable Instant seedingSince;

    SliceTotals(InstantSource clock, @Nullable StatusRecord last) {
        this.clock = clock;
        this.before = last == null ? Totals.ZERO : last.totals();
        this.trackers = last == null ? List.of() : last.trackers();
    }

    /**
     * Returns the state from which the engine continues.
     *
     * @param tiers the current announce URLs, which may be others, in another order, than those of the last status
     */
    synchronized Resumed resumed(List<List<String>> tiers) {
        Map<String, Tracker> known =
                trackers.stream().collect(Collectors.toMap(Tracker::id, Function.identity(), (first, same) -> first));
        return new Resumed(
                before.down(),
                before.up(),
                tiers.stream()
                        .flatMap(List::stream)
                        .map(url -> resumed(known.get(Tracker.id(url))))
                        .toList());
    }

    private static TrackerState resumed(@Nullable Tracker tracker) {
        return tracker == null
                ? new TrackerState(false, new NextAnnounce(0, 0))
                : new TrackerState(tracker.started(), nextAnnounce(tracker));
    }

    private static NextAnnounce nextAnnounce(Tracker tracker) {
        Long earliest = tracker.earliestAnnounce();
        return new NextAnnounce(tracker.nextAnnounce(), earliest == null ? tracker.nextAnnounce() : earliest);
    }

    /** The torrent leaves the engine and may come back. */
    synchronized void addRun(TorrentStats stats) {
        trackers = trackers(stats.trackers());
        before = new Totals(
                stats.downloaded(), stats.uploaded(), before.wasted() + stats.wasted(), before.seedingSeconds(), null);
    }

    /** Seeding starts or ends. */
    synchronized void setSeeding(boolean begins) {
        long seconds = seedingSeconds();
        before = new Totals(before.down(), before.up(), before.wasted(), seconds, null);
        seedingSince = begins ? clock.instant() : null;
    }

    private long seedingSeconds() {
        Instant since = seedingSince;
        return before.seedingSeconds()
                + (since == null ? 0 : Math.max(0, ChronoUnit.SECONDS.between(since, clock.instant())));
    }

    /**
     * Returns the present figures.
     *
     * @param run null while it is not in the engine
     */
    synchronized Figures figures(@Nullable TorrentRun run, State state) {
        TorrentStats stats = run == null ? null : run.stats();
        if (run == null || stats == null) {
            Totals totals = new Totals(before.down(), before.up(), before.wasted(), seedingSeconds(), null);
            return new Figures(totals, Rates.ZERO, Peers.NONE, trackers, null);
        }
        Totals totals = new Totals(
                stats.downloaded(), stats.uploaded(), before.wasted() + stats.wasted(), seedingSeconds(), run.left());
        int seeds = (int)
                stats.peers().stream().filter(TorrentStats.PeerStats::seed).count();
        return new Figures(
                totals,
                state == State.STOPPED ? Rates.ZERO : new Rates(stats.downRate(), stats.upRate()),
                new Peers(stats.peers().size(), seeds, stats.availability()),
                trackers(stats.trackers()),
                stats);
    }

    /** Converts trackers to their published form; a record has room for 64. */
    static List<Tracker> trackers(List<TorrentStats.TrackerStats> trackers) {
        return trackers.stream()
                .limit(64)
                .map(tracker -> new Tracker(
                        Tracker.id(tracker.url()),
                        tracker.started(),
                        tracker.nextAnnounce().planned(),
                        tracker.code(),
                        tracker.nextAnnounce().earliest()))
                .toList();
    }
}
