package io.shoal.swarm.running;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.engine.TorrentStats;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a slice makes no progress, by its figures. Peers that come and go, and a store that answers now and then, would change the
 * reason each second, and each change is a status that many read.
 *
 * <p>Invariant: within a state the reason changes only when the figures have shown another one for {@link #SUSTAINED}; a download
 * begins without one. Any thread; one lock.
 */
final class StallReason {
    static final Duration SUSTAINED = Duration.ofSeconds(5);

    private final InstantSource clock;
    private @Nullable State state;
    private @Nullable Reason reason;
    private @Nullable Reason next;
    private long nextSince;

    StallReason(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Returns the reason; null while there is progress, or none is meant.
     *
     * @param run null while it is not in the engine
     * @param stats of {@code run}
     */
    @Nullable
    Reason reason(State now, @Nullable TorrentRun run, @Nullable TorrentStats stats, List<Tracker> trackers) {
        return sustained(now, run == null || stats == null ? null : observed(now, run, stats, trackers));
    }

    private static @Nullable Reason observed(State now, TorrentRun run, TorrentStats stats, List<Tracker> trackers) {
        if (run.isDelayed()) {
            return Reason.STORAGE_WAIT;
        }
        if (now != State.DOWNLOADING || stats.downRate() > 0) {
            return null;
        }
        if (stats.peers().isEmpty()
                && stats.webSeeds().stream().noneMatch(each -> each.code().equals("ok"))) {
            return areFailing(trackers) ? Reason.TRACKERS_FAILING : Reason.NO_PEERS;
        }
        if (stats.availability() < 1000) {
            return Reason.MISSING_PIECES;
        }
        return run.isWaitingForSlot() ? Reason.QUEUED : null;
    }

    private static boolean areFailing(List<Tracker> trackers) {
        return !trackers.isEmpty()
                && trackers.stream()
                        .noneMatch(t -> t.code().equals("ok") || t.code().equals("waiting"));
    }

    /** Returns the reason in force after the figures have shown {@code observed}. */
    synchronized @Nullable Reason sustained(State now, @Nullable Reason observed) {
        long millis = clock.millis();
        if (now != state) {
            state = now;
            reason = now == State.DOWNLOADING ? null : observed;
            next = reason;
        }
        if (!Objects.equals(observed, next) || millis < nextSince) {
            next = observed;
            nextSince = millis;
        }
        if (millis - nextSince >= SUSTAINED.toMillis()) {
            reason = next;
        }
        return reason;
    }
}
