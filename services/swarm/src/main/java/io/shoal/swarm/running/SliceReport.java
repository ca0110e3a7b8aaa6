package io.shoal.swarm.running;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.engine.TorrentStats;
import io.shoal.swarm.ownership.SliceFigures;
import io.shoal.swarm.ownership.SliceStatus;
import io.shoal.swarm.ownership.SwarmView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The status of a slice of a torrent: the slice thread publishes what it has decided, and any thread reads that
 * together with what the torrent counts at that moment.
 *
 * <p>Invariant: seeding time is counted exactly while the state that was published last is SEEDING.
 */
final class SliceReport {
    private final Generation generation;
    private final SliceTotals sliceTotals;
    private final StallReason stall;
    private boolean seeding;
    private volatile Snapshot snapshot;
    private final AtomicLong changes = new AtomicLong();

    /** What the slice thread has decided; the rest of {@link SliceStatus} is read from the torrent. */
    private record Snapshot(
            long rev,
            State state,
            @Nullable Reason fault,
            Bits stored,
            int check,
            @Nullable TorrentRun run) {}

    /** Publishes that the slice starts. */
    SliceReport(Generation generation, SliceTotals sliceTotals, StallReason stall, long rev, StoredSegmentSet stored) {
        this.generation = generation;
        this.sliceTotals = sliceTotals;
        this.stall = stall;
        this.snapshot = new Snapshot(rev, State.STARTING, null, stored.bits(), stored.check(), null);
    }

    /**
     * On the slice thread.
     *
     * @param fault why it makes no progress, if the slice thread knows a reason
     * @param run null while it is not in the engine
     */
    void publish(long rev, State state, @Nullable Reason fault, StoredSegmentSet stored, @Nullable TorrentRun run) {
        if (seeding != (state == State.SEEDING)) {
            seeding = !seeding;
            sliceTotals.setSeeding(seeding);
        }
        snapshot = new Snapshot(rev, state, fault, stored.bits(), stored.check(), run);
        changes.incrementAndGet();
    }

    /** Returns how often it was published. Any thread. */
    long changes() {
        return changes.get();
    }

    /** Any thread. */
    SliceStatus status() {
        Snapshot now = snapshot;
        TorrentRun run = now.run;
        TorrentStats stats = run == null ? null : run.stats();
        List<Tracker> trackers = sliceTotals.trackers(stats);
        Reason reason = now.fault == null ? stall.reason(now.state, run, stats, trackers) : now.fault;
        return new SliceStatus(
                generation,
                now.rev,
                now.state,
                reason,
                now.stored,
                now.check,
                totals(run, stats),
                sliceTotals.sources(stats),
                null);
    }

    private Totals totals(@Nullable TorrentRun run, @Nullable TorrentStats stats) {
        return sliceTotals.totals(stats, run == null ? null : run.left());
    }

    /** Returns a number that changes when payload is received or sent. Any thread. */
    long payload() {
        TorrentRun run = snapshot.run;
        if (run == null) {
            return 0;
        }
        TorrentStats stats = run.stats();
        return stats.downloaded() + stats.uploaded();
    }

    /** Any thread. */
    CompletableFuture<SwarmView> inspect() {
        TorrentRun run = snapshot.run;
        return run == null ? CompletableFuture.completedFuture(SwarmView.NONE) : run.inspect();
    }

    /** Any thread. */
    SliceFigures figures() {
        Snapshot now = snapshot;
        TorrentRun run = now.run;
        TorrentStats stats = run == null ? null : run.stats();
        Totals totals = totals(run, stats);
        if (stats == null) {
            return new SliceFigures(now.state, totals, Rates.ZERO, Peers.NONE);
        }
        int seeds = 0;
        for (TorrentStats.PeerStats peer : stats.peers()) {
            seeds += peer.seed() ? 1 : 0;
        }
        return new SliceFigures(
                now.state,
                totals,
                now.state == State.STOPPED ? Rates.ZERO : new Rates(stats.downRate(), stats.upRate()),
                new Peers(stats.peers().size(), seeds, stats.availability()));
    }
}
