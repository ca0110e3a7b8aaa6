package io.shoal.swarm.running;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.swarm.ownership.SliceStatus;
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
    SliceReport(Generation generation, SliceTotals sliceTotals, long rev, StoredSegmentSet stored) {
        this.generation = generation;
        this.sliceTotals = sliceTotals;
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

    private static boolean isQueued(State state, SliceTotals.Figures figures, TorrentRun run) {
        return state == State.DOWNLOADING && figures.rates().down() == 0 && run.isWaitingForSlot();
    }

    /** Returns how often it was published. Any thread. */
    long changes() {
        return changes.get();
    }

    /** Any thread. */
    SliceStatus status() {
        Snapshot now = snapshot;
        TorrentRun current = now.run;
        SliceTotals.Figures figures = sliceTotals.figures(current, now.state);
        Reason reason = now.fault;
        if (reason == null && current != null) {
            reason = current.isDelayed() ? Reason.STORAGE_WAIT : figures.reason(now.state);
            if (reason == null && isQueued(now.state, figures, current)) {
                reason = Reason.QUEUED;
            }
        }
        return new SliceStatus(
                generation,
                now.rev,
                now.state,
                reason,
                now.stored,
                now.check,
                figures.totals(),
                figures.rates(),
                figures.peers(),
                figures.trackers(),
                null);
    }
}
