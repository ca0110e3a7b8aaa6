package io.shoal.swarm.running;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.StatusRecord.Tracker.Figures;
import io.shoal.engine.NextAnnounce;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentSpec.TrackerState;
import io.shoal.engine.TorrentStats;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Totals over all owners of a slice: what the last one has published, and what the torrent has counted since. The state
 * of trackers is carried over too, so that they see one peer; that of web seeds is only shown. Any thread; one lock.
 */
final class SliceTotals {
    private static final String OK = "ok";
    private static final String WAITING = "waiting";
    private static final Figures NOTHING_SEEN = new Figures(false, null, null, null, null);

    private final InstantSource clock;
    private Totals before;
    private List<Tracker> trackers;
    private @Nullable Instant seedingSince;

    /** The trackers of the engine that were converted last, which rarely change, and what they became. */
    private List<TorrentStats.TrackerStats> converted = List.of();

    private List<Tracker> conversion = List.of();

    /** The same for web seeds, whose figures change all the time: by their URLs, the states that were converted last. */
    private Map<String, Tracker> webSeeds = Map.of();

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
        Map<String, Tracker> known = byId();
        return new Resumed(
                before.down(),
                before.up(),
                before.wasted(),
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
        trackers = sources(stats);
        before = new Totals(stats.downloaded(), stats.uploaded(), stats.wasted(), before.seedingSeconds(), null);
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
     * Returns the present totals.
     *
     * @param stats null while it is not in the engine
     * @param left bytes of the wanted segments that are not verified; null while it is not in the engine
     */
    synchronized Totals totals(@Nullable TorrentStats stats, @Nullable Long left) {
        if (stats == null) {
            return new Totals(before.down(), before.up(), before.wasted(), seedingSeconds(), null);
        }
        return new Totals(stats.downloaded(), stats.uploaded(), stats.wasted(), seedingSeconds(), left);
    }

    /**
     * Returns the present state of the trackers.
     *
     * @param stats null while it is not in the engine
     */
    synchronized List<Tracker> trackers(@Nullable TorrentStats stats) {
        if (stats == null) {
            return trackers;
        }
        if (!stats.trackers().equals(converted)) {
            converted = stats.trackers();
            conversion = trackers(converted);
        }
        return conversion;
    }

    /**
     * Returns the present state of the trackers and the web seeds.
     *
     * @param stats null while it is not in the engine
     */
    synchronized List<Tracker> sources(@Nullable TorrentStats stats) {
        if (stats == null || stats.webSeeds().isEmpty()) {
            return trackers(stats);
        }
        Map<String, Tracker> now = new HashMap<>();
        List<Tracker> all = new ArrayList<>(trackers(stats));
        for (TorrentStats.WebSeedStats webSeed : stats.webSeeds()) {
            Tracker known = webSeeds.get(webSeed.url());
            Tracker state = known != null && known.code().equals(webSeed.code())
                    ? known
                    : Tracker.ofWebSeed(webSeed.url(), webSeed.code());
            now.put(webSeed.url(), state);
            all.add(state);
        }
        webSeeds = now;
        return all;
    }

    /**
     * Converts trackers to their published form; a record has room for 64. What this owner has not seen of a tracker yet, its
     * predecessor may have.
     */
    synchronized List<Tracker> trackers(List<TorrentStats.TrackerStats> present) {
        Map<String, Tracker> known = byId();
        return present.stream()
                .limit(64)
                .map(tracker -> converted(tracker, known.get(Tracker.id(tracker.url()))))
                .toList();
    }

    private static Tracker converted(TorrentStats.TrackerStats tracker, @Nullable Tracker before) {
        boolean isAsBefore = tracker.code().equals(WAITING)
                && tracker.started()
                && before != null
                && before.code().equals(OK);
        return new Tracker(
                Tracker.id(tracker.url()),
                tracker.started(),
                tracker.nextAnnounce().planned(),
                isAsBefore ? OK : tracker.code(),
                tracker.nextAnnounce().earliest(),
                figures(tracker, before == null || before.figures() == null ? NOTHING_SEEN : before.figures()));
    }

    private static Figures figures(TorrentStats.TrackerStats tracker, Figures before) {
        Long lastAnnounce = tracker.announcedAt() == 0 ? before.lastAnnounce() : Long.valueOf(tracker.announcedAt());
        return tracker.peers() < 0
                ? new Figures(tracker.isPlanned(), lastAnnounce, before.seeds(), before.leeches(), before.peers())
                : new Figures(
                        tracker.isPlanned(),
                        lastAnnounce,
                        count(tracker.seeds()),
                        count(tracker.leeches()),
                        count(tracker.peers()));
    }

    private static @Nullable Integer count(int number) {
        return number < 0 ? null : Integer.valueOf(number);
    }

    private Map<String, Tracker> byId() {
        return trackers.stream().collect(Collectors.toMap(Tracker::id, Function.identity(), (first, same) -> first));
    }
}
