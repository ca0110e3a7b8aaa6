package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.swarm.ownership.Observed;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.segments.StoreCalls;
import java.net.InetAddress;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A slice of a torrent: its metadata and what is stored are read from the store, then it runs in the engine until it is handed
 * over, dropped or ended. A torrent that is to stand still from the beginning is not even loaded.
 *
 * <p>Its state is confined to the desk, which publishes a {@link Report} on every change for those who {@link #observe}.
 */
final class TorrentSlice implements Slice {
    private static final Logger LOG = LoggerFactory.getLogger(TorrentSlice.class);
    private static final Duration TICK = Duration.ofSeconds(5);

    /** What is read again although our own store does not have it: intake may still be about to write it. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private enum Life {
        /** Not in the engine, and need not be. */
        RESTING,
        LOADING,
        RUNNING,
        /** On its way out; nothing brings it back. */
        LEAVING
    }

    private final Workplace workplace;
    private final Executor desk;
    private final ObjectKeys keys;
    private final PeerId peerId;
    private final ScheduledFuture<?> ticks;
    private final Ledger ledger;
    private final Report report;

    // Confined to the desk.
    private final Stored stored;
    private Life life = Life.RESTING;
    private SliceRecord wanted;
    private @Nullable Reason fault;
    private StoreCalls.@Nullable Errand loading;
    private @Nullable Stay stay;

    /** A stay that is being handed over to the next one, which waits for it. */
    private @Nullable Former former;

    /**
     * A stay that leaves.
     *
     * @param left completes when it has left the swarm
     * @param safe completes when all that was verified is in the store too
     */
    private record Former(Stay stay, CompletableFuture<Void> left, CompletableFuture<Void> safe) {}

    private TorrentSlice(Workplace workplace, SliceKey.OfTorrent key, SliceRecord wanted, @Nullable StatusRecord last) {
        this.workplace = workplace;
        this.desk = workplace.desk();
        this.keys = new ObjectKeys(key.torrent(), wanted.gen());
        this.peerId = workplace.peerIds().of(key, wanted.gen());
        this.wanted = wanted;
        this.stored = new Stored(wanted.check(), last);
        this.ledger = new Ledger(workplace.clock(), last);
        this.report = new Report(keys.generation(), ledger, wanted.rev(), stored);
        this.ticks = workplace
                .desk()
                .scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Starts it. */
    static TorrentSlice start(
            Workplace workplace, SliceKey.OfTorrent key, SliceRecord wanted, @Nullable StatusRecord last) {
        TorrentSlice slice = new TorrentSlice(workplace, key, wanted, last);
        slice.desk.execute(slice::begin);
        return slice;
    }

    @Override
    public void want(SliceRecord newer) {
        desk.execute(() -> change(newer));
    }

    @Override
    public Observed observe() {
        return report.observe();
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

    // On the desk.

    private void begin() {
        if (life == Life.RESTING && wanted.mode() != Mode.STOP) {
            load();
        } else {
            publish();
        }
    }

    private void load() {
        life = Life.LOADING;
        fault = null;
        BitSet believed = stored.believed();
        SliceRecord asked = wanted;
        loading = workplace
                .storage()
                .calls()
                .repeat(() -> Loaded.load(workplace, keys, asked, believed), desk, new StoreCalls.Outcome<Loaded>() {
                    @Override
                    public void done(Loaded loaded) {
                        fault = null;
                        run(loaded);
                    }

                    @Override
                    public void failed(Exception cause) {
                        LOG.error("The metadata of {} cannot be read", keys, cause);
                        fault = Reason.DAMAGED;
                        publish();
                        var _ = workplace
                                .desk()
                                .schedule(TorrentSlice.this::loadAgain, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
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

    private void loadAgain() {
        if (life == Life.LOADING && former == null) {
            load();
        }
    }

    private void run(Loaded loaded) {
        if (life != Life.LOADING) {
            return;
        }
        stored.found(loaded.found().stored());
        life = Life.RUNNING;
        stay = new Stay(workplace, keys, peerId, wanted, loaded, ledger.resumed(wanted.trackers()), new Events());
        publish();
    }

    private void change(SliceRecord newer) {
        wanted = newer;
        if (life == Life.LEAVING) {
            return;
        }
        if (stored.countsAnew(newer)) {
            restart();
            return;
        }
        if (stay == null) {
            begin();
            return;
        }
        stay.want(newer);
        publish();
    }

    /** Asks the store anew what it has, when all that it is to have is there, then goes on. */
    private void restart() {
        if (loading != null) {
            loading.cancel();
        }
        if (stay == null && former == null) {
            life = Life.RESTING;
            begin();
            return;
        }
        life = Life.LOADING;
        if (stay != null) {
            Stay gone = stay;
            stay = null;
            gone.count();
            ledger.keep(gone.stats());
            CompletableFuture<Void> left = gone.leave(false);
            CompletableFuture<Void> safe = left.thenCompose(nothing -> gone.handOver());
            former = new Former(gone, left, safe);
            var _ = safe.thenRunAsync(
                    () -> {
                        former = null;
                        loadAgain();
                    },
                    desk);
        }
        publish();
    }

    private CompletableFuture<Void> leave(boolean tellTrackers, boolean abandons) {
        return CompletableFuture.runAsync(
                        () -> {
                            life = Life.LEAVING;
                            ticks.cancel(false);
                            if (loading != null) {
                                loading.cancel();
                            }
                        },
                        desk)
                .thenComposeAsync(
                        nothing -> CompletableFuture.allOf(leaveFormer(abandons), leaveNow(tellTrackers, abandons)),
                        desk);
    }

    private CompletableFuture<Void> leaveFormer(boolean abandons) {
        if (former == null) {
            return DONE;
        }
        Former last = former;
        return abandons ? last.left.thenRun(last.stay::abandon) : last.safe;
    }

    private CompletableFuture<Void> leaveNow(boolean tellTrackers, boolean abandons) {
        if (stay == null) {
            return DONE;
        }
        Stay now = stay;
        return now.leave(tellTrackers)
                .handleAsync(
                        (closed, failure) -> {
                            if (failure != null) {
                                LOG.error("{} did not close as it should", keys, failure);
                            }
                            publish();
                            return now;
                        },
                        desk)
                .thenCompose(left -> {
                    if (abandons) {
                        left.abandon();
                        return DONE;
                    }
                    return left.handOver();
                });
    }

    private void tick() {
        if (stay != null && life == Life.RUNNING) {
            stay.tick();
        }
    }

    private void publish() {
        report.publish(wanted.rev(), state(), fault, stored, stay);
    }

    private State state() {
        if (wanted.mode() == Mode.STOP) {
            return State.STOPPED;
        }
        if (stay == null) {
            return State.STARTING;
        }
        return stored.meets(stay) || wanted.mode() == Mode.SEED ? State.SEEDING : State.DOWNLOADING;
    }

    /** Hears on the torrent's loop, and goes to the desk. */
    private final class Events implements Stay.Events {
        @Override
        public void stored(int segment) {
            desk.execute(() -> {
                stored.add(segment);
                publish();
            });
        }

        @Override
        public void lost() {
            desk.execute(() -> {
                if (stay != null && life == Life.RUNNING) {
                    stay.wantAnew();
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
            desk.execute(() -> {
                fault = Reason.STORAGE_WAIT;
                publish();
                var _ = workplace.desk().schedule(this::goOn, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            });
        }

        private void goOn() {
            if (stay != null && life == Life.RUNNING) {
                fault = null;
                stay.goOn();
                publish();
            }
        }
    }
}
