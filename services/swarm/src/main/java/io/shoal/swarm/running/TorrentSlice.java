package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.engine.net.Loop;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.ownership.SliceFigures;
import io.shoal.swarm.ownership.SliceStatus;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.segments.StoreCalls;
import java.net.InetAddress;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A slice of a torrent: its metadata and the list of stored segments are read from the store, then it runs in the
 * engine until it is handed over, dropped or ended. A torrent that is stopped from the start is not loaded, unless a check of its
 * stored segments is not answered; then it is not kept after the answer.
 *
 * <p>Its state is confined to the slice thread, which publishes a {@link SliceReport} on every change for callers of
 * {@link #status}.
 */
final class TorrentSlice implements Slice {
    private static final Logger LOG = LoggerFactory.getLogger(TorrentSlice.class);
    private static final Duration TICK = Duration.ofSeconds(5);

    /** Retries a read of an object that is missing: intake may still be about to write it. */
    private static final Duration RETRY = Duration.ofSeconds(30);

    private enum RunState {
        /** Not in the engine, and not needed there. */
        IDLE,
        LOADING,
        RUNNING,
        /** A fault of ours has ended it again; nothing but another owner brings it back. */
        FAILED,
        /** Leaving; nothing brings it back. */
        LEAVING
    }

    private final WorkerContext worker;
    private final Loop sliceThread;
    private final ObjectKeys keys;
    private final PeerId peerId;
    private final SliceTotals totals;
    private final SliceReport report;

    // Confined to the slice thread.
    private final StoredSegmentSet stored;
    private RunState runState = RunState.IDLE;
    private SliceRecord wanted;
    private @Nullable Reason fault;
    private Loop.Timer ticks;
    private StoreCalls.@Nullable RetryingCall loading;
    private @Nullable TorrentRun run;
    private @Nullable RunListener listener;
    private boolean restarted;

    /** An announce was asked for while the torrent was being loaded. */
    private boolean announceWhenLoaded;

    /** A run that is being handed over to the next one, which waits for it. */
    private @Nullable PreviousRun previous;

    /**
     * A run that leaves.
     *
     * @param left completes when it has left the swarm
     * @param safe completes when all verified pieces are in the store too
     */
    private record PreviousRun(TorrentRun run, CompletableFuture<Void> left, CompletableFuture<Void> safe) {}

    private TorrentSlice(
            WorkerContext worker, SliceKey.OfTorrent key, SliceRecord wanted, @Nullable StatusRecord last) {
        this.worker = worker;
        this.sliceThread = worker.sliceThread();
        this.keys = new ObjectKeys(key.torrent(), wanted.gen());
        this.peerId = worker.peerIds().of(key, wanted.gen());
        this.wanted = wanted;
        this.stored = new StoredSegmentSet(wanted.check(), last);
        this.totals = new SliceTotals(worker.clock(), last);
        this.report = new SliceReport(keys.generation(), totals, new StallReason(worker.clock()), wanted.rev(), stored);
        this.ticks = sliceThread.schedule(TICK, this::tick);
    }

    /** Starts the slice. */
    static TorrentSlice start(
            WorkerContext worker, SliceKey.OfTorrent key, SliceRecord wanted, @Nullable StatusRecord last) {
        TorrentSlice slice = new TorrentSlice(worker, key, wanted, last);
        slice.sliceThread.execute(slice::loadIfWanted);
        return slice;
    }

    @Override
    public void want(SliceRecord newer) {
        sliceThread.execute(() -> change(newer));
    }

    @Override
    public long changes() {
        return report.changes();
    }

    @Override
    public SliceStatus status() {
        return report.status();
    }

    @Override
    public long payload() {
        return report.payload();
    }

    @Override
    public SliceFigures figures() {
        return report.figures();
    }

    @Override
    public CompletableFuture<SwarmView> inspect() {
        return report.inspect();
    }

    @Override
    public CompletableFuture<Void> handOver() {
        return leave(false, false);
    }

    @Override
    public void drop() {
        var _ = leave(false, true);
    }

    @Override
    public CompletableFuture<Void> end() {
        return leave(true, true);
    }

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    // On the slice thread.

    private void loadIfWanted() {
        if (runState == RunState.IDLE && (wanted.mode() != Mode.STOP || stored.isCheckPending())) {
            load();
        } else {
            publish();
        }
    }

    private void load() {
        runState = RunState.LOADING;
        fault = null;
        BitSet trusted = stored.trusted();
        SliceRecord requested = wanted;
        loading = worker.storage()
                .calls()
                .repeat(
                        () -> LoadedTorrent.load(worker, keys, requested, trusted),
                        sliceThread,
                        new StoreCalls.Callback<LoadedTorrent>() {
                            @Override
                            public void done(LoadedTorrent loaded) {
                                fault = null;
                                run(loaded);
                            }

                            @Override
                            public void failed(Throwable cause) {
                                LOG.error("The metadata of {} cannot be read", keys, cause);
                                fault = Reason.DAMAGED;
                                publish();
                                sliceThread.schedule(RETRY, TorrentSlice.this::reload);
                            }

                            @Override
                            public void delayed() {
                                fault = Reason.STORAGE_WAIT;
                                publish();
                            }

                            @Override
                            public void ended() {}
                        });
        publish();
    }

    private void reload() {
        if (runState == RunState.LOADING && previous == null) {
            load();
        }
    }

    private void run(LoadedTorrent loaded) {
        if (runState != RunState.LOADING) {
            return;
        }
        stored.addFound(loaded.stored().stored());
        if (wanted.mode() == Mode.STOP) {
            unload();
            return;
        }
        runState = RunState.RUNNING;
        RunListener events = new RunListener();
        listener = events;
        run = new TorrentRun(worker, keys, peerId, wanted, loaded, totals.resumed(wanted.trackers()), events);
        if (announceWhenLoaded) {
            announceWhenLoaded = false;
            run.announceOnRequest();
        }
        publish();
    }

    /** The store was listed for a slice that is stopped: its metadata would take memory for nothing. */
    private void unload() {
        runState = RunState.IDLE;
        loading = null;
        announceWhenLoaded = false;
        publish();
    }

    /** A fault of ours has ended the present run: it is restarted once, because the cause may have been passing. */
    private void runFailed(TorrentRun ended) {
        fault = Reason.INTERNAL;
        if (!restarted) {
            restarted = true;
            restart();
            return;
        }
        runState = RunState.FAILED;
        run = null;
        ended.countTraffic();
        totals.addRun(ended.stats());
        CompletableFuture<Void> left = ended.leave(false);
        previous = new PreviousRun(ended, left, left.thenCompose(nothing -> ended.handOver()));
        publish();
    }

    private void change(SliceRecord newer) {
        boolean announce = newer.reannounces() > wanted.reannounces();
        wanted = newer;
        if (runState == RunState.LEAVING || runState == RunState.FAILED) {
            publish(); // the revision in force
            return;
        }
        if (stored.resetIfRechecked(newer)) {
            announceWhenLoaded |= announce;
            restart();
            return;
        }
        if (run == null) {
            announceWhenLoaded |= announce && runState == RunState.LOADING;
            loadIfWanted();
            return;
        }
        run.want(newer);
        if (announce) {
            run.announceOnRequest();
        }
        publish();
    }

    /** Lists the store again, after the present run has stored or spilled its pieces, then continues. */
    private void restart() {
        if (loading != null) {
            loading.cancel();
        }
        if (run == null && previous == null) {
            runState = RunState.IDLE;
            loadIfWanted();
            return;
        }
        runState = RunState.LOADING;
        if (run != null) {
            TorrentRun gone = run;
            run = null;
            gone.countTraffic();
            totals.addRun(gone.stats());
            CompletableFuture<Void> left = gone.leave(false);
            CompletableFuture<Void> safe = left.thenCompose(nothing -> gone.handOver());
            previous = new PreviousRun(gone, left, safe);
            var _ = safe.thenRunAsync(
                    () -> {
                        previous = null;
                        reload();
                    },
                    sliceThread);
        }
        publish();
    }

    private CompletableFuture<Void> leave(boolean announceStopped, boolean abandon) {
        return CompletableFuture.runAsync(
                        () -> {
                            runState = RunState.LEAVING;
                            ticks.cancel();
                            if (loading != null) {
                                loading.cancel();
                            }
                        },
                        sliceThread)
                .thenComposeAsync(
                        nothing ->
                                CompletableFuture.allOf(leavePrevious(abandon), leaveCurrent(announceStopped, abandon)),
                        sliceThread);
    }

    private CompletableFuture<Void> leavePrevious(boolean abandon) {
        if (previous == null) {
            return DONE;
        }
        PreviousRun last = previous;
        return abandon ? last.left.thenRun(last.run::abandon) : last.safe;
    }

    private CompletableFuture<Void> leaveCurrent(boolean announceStopped, boolean abandon) {
        if (run == null) {
            return DONE;
        }
        TorrentRun now = run;
        return now.leave(announceStopped)
                .handleAsync(
                        (closed, failure) -> {
                            if (failure != null) {
                                LOG.error("{} did not close as it should", keys, failure);
                            }
                            publish();
                            return now;
                        },
                        sliceThread)
                .thenCompose(left -> {
                    if (abandon) {
                        left.abandon();
                        return DONE;
                    }
                    return left.handOver();
                });
    }

    private void tick() {
        ticks = sliceThread.schedule(TICK, this::tick);
        if (run != null && runState == RunState.RUNNING) {
            run.tick();
        }
    }

    private void publish() {
        report.publish(wanted.rev(), state(), fault, stored, run);
    }

    private State state() {
        if (wanted.mode() == Mode.STOP) {
            return State.STOPPED;
        }
        if (runState == RunState.FAILED) {
            return State.FAILED;
        }
        if (run == null) {
            return State.STARTING;
        }
        return stored.satisfies(run) || wanted.mode() == Mode.SEED ? State.SEEDING : State.DOWNLOADING;
    }

    /** Is notified on the torrent's loop, and continues on the slice thread. */
    private final class RunListener implements TorrentRun.Listener {
        @Override
        public void stored(int segment) {
            sliceThread.execute(() -> {
                stored.add(segment);
                publish();
            });
        }

        @Override
        public void lost() {
            sliceThread.execute(() -> {
                if (run != null && runState == RunState.RUNNING) {
                    run.refreshWish();
                }
            });
        }

        @Override
        public void verified(int piece) {}

        @Override
        public void finished() {}

        @Override
        public void banned(InetAddress banned, int piece) {
            LOG.info("A peer of {} lied about piece {} and is banned", keys, piece);
        }

        @Override
        public void storeFailed(Throwable cause) {
            LOG.error("The scratch file does not keep what is written for {}", keys, cause);
            sliceThread.execute(() -> {
                fault = Reason.STORAGE_WAIT;
                publish();
                sliceThread.schedule(RETRY, this::resume);
            });
        }

        @Override
        public void failed(Throwable cause) {
            sliceThread.execute(() -> {
                worker.traffic().countFailure();
                if (run != null && listener == this && runState == RunState.RUNNING) {
                    runFailed(run);
                }
            });
        }

        private void resume() {
            if (run != null && runState == RunState.RUNNING) {
                fault = null;
                run.resume();
                publish();
            }
        }
    }
}
