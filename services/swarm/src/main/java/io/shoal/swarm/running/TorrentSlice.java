package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.engine.PieceWish;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentStats;
import io.shoal.swarm.ownership.Observed;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.segments.SegmentEvents;
import io.shoal.swarm.segments.SegmentStore;
import io.shoal.swarm.segments.SegmentWish;
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
 * <p>Its state is confined to the desk; {@link #observe} reads the one snapshot that the desk publishes. {@code stored}, as it is
 * told, only grows: a segment that went is downloaded again, and {@code check} says when to count anew.
 */
final class TorrentSlice implements Slice {
    private static final Logger LOG = LoggerFactory.getLogger(TorrentSlice.class);
    private static final Duration TICK = Duration.ofSeconds(5);

    /** A minute without a byte. */
    private static final int STUCK_TICKS = 12;

    /** What is read again although our own store does not have it: intake may still be about to write it. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** Ends what is open: it would hold slots for which others wait. */
    private static final PieceWish NOTHING = piece -> 0;

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

    // Confined to the desk.
    private Life life = Life.RESTING;
    private SliceRecord wanted;
    private BitSet stored;
    private int check;
    private boolean believe;
    private @Nullable Reason fault;
    private StoreCalls.@Nullable Errand loading;
    private @Nullable Running running;
    private @Nullable SegmentWish wish;
    private boolean seeding;
    private int stuckTicks;
    private Traffic.Counted counted = new Traffic.Counted(0, 0, 0, 0);
    private final Ledger ledger;

    private volatile Snapshot snapshot;

    /** The torrent while it is in the engine. */
    private record Running(Loaded loaded, SegmentStore store, Torrent torrent) {}

    /** What the desk has decided; the rest of {@link Observed} is asked of the torrent. */
    private record Snapshot(
            long rev,
            State state,
            @Nullable Reason fault,
            Bits stored,
            int check,
            @Nullable Running running) {}

    private TorrentSlice(Workplace workplace, SliceKey.OfTorrent key, SliceRecord wanted, @Nullable StatusRecord last) {
        this.workplace = workplace;
        this.desk = workplace.desk();
        this.keys = new ObjectKeys(key.torrent(), wanted.gen());
        this.peerId = workplace.peerIds().of(key, wanted.gen());
        this.wanted = wanted;
        this.stored = last == null || last.check() != wanted.check()
                ? new BitSet()
                : last.stored().toBitSet();
        this.check = wanted.check();
        this.believe = last != null && last.check() == wanted.check();
        this.ledger = new Ledger(workplace.clock(), last);
        this.snapshot = new Snapshot(wanted.rev(), State.STARTING, null, Bits.of(stored), check, null);
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
        Snapshot now = snapshot;
        Running torrent = now.running;
        Ledger.Figures figures = ledger.figures(torrent == null ? null : torrent.torrent.stats(), now.state);
        Reason reason = now.fault;
        if (reason == null && torrent != null) {
            reason = torrent.store.isDelayed() ? Reason.STORAGE_WAIT : figures.reason(now.state);
        }
        return new Observed(
                keys.generation(),
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

    @Override
    public CompletableFuture<Void> handOver() {
        return leave(false).thenCompose(left -> left == null ? DONE : left.store.handOver());
    }

    @Override
    public void drop() {
        var _ = leave(false).thenAccept(left -> {
            if (left != null) {
                left.store.abandon();
            }
        });
    }

    @Override
    public CompletableFuture<Void> end() {
        return leave(true).thenAccept(left -> {
            if (left != null) {
                left.store.abandon();
            }
        });
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
        BitSet believed = believe ? (BitSet) stored.clone() : null;
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
        if (life == Life.LOADING) {
            load();
        }
    }

    private void run(Loaded loaded) {
        if (life != Life.LOADING) {
            return;
        }
        stored.or(loaded.found().stored());
        believe = true;
        life = Life.RUNNING;
        SegmentWish now = Loaded.wish(loaded.geometry(), loaded.info(), wanted);
        wish = now;
        Events events = new Events();
        SegmentStore store = new SegmentStore(
                loaded.geometry(),
                loaded.info().files().size(),
                keys,
                workplace.storage(),
                loaded.found(),
                now,
                events);
        TorrentSpec.Resumed resumed = ledger.resumed();
        counted = new Traffic.Counted(resumed.downloaded(), resumed.uploaded(), 0, 0);
        TorrentSpec spec =
                new TorrentSpec(loaded.info(), peerId, wanted.trackers(), resumed, store.wish(), mode(wanted.mode()));
        Torrent torrent = workplace.swarms().join(spec, store, events);
        running = new Running(loaded, store, torrent);
        publish();
    }

    private void change(SliceRecord newer) {
        SliceRecord before = wanted;
        wanted = newer;
        if (life == Life.LEAVING) {
            return;
        }
        if (newer.check() != check) {
            check = newer.check();
            stored = new BitSet();
            believe = false;
            restart();
            return;
        }
        Running now = running;
        if (now == null) {
            begin();
            return;
        }
        if (!newer.wanted().equals(before.wanted())) {
            SegmentWish changed = Loaded.wish(now.loaded.geometry(), now.loaded.info(), newer);
            wish = changed;
            tell(now, now.store.want(changed));
        }
        if (!newer.trackers().equals(before.trackers())) {
            now.torrent.setTrackers(newer.trackers());
        }
        if (newer.mode() != before.mode()) {
            now.torrent.setMode(mode(newer.mode()));
            if (newer.mode() == Mode.STOP) {
                now.torrent.want(NOTHING);
                now.store.rest();
            } else if (before.mode() == Mode.STOP) {
                tell(now, now.store.currentWish());
            }
        }
        publish();
    }

    /** The wish goes to the engine as the store, which knows what is kept, has computed it. */
    private void tell(Running now, CompletableFuture<PieceWish> wish) {
        if (wanted.mode() != Mode.STOP) {
            var _ = wish.thenAccept(now.torrent::want);
        }
    }

    /** Asks the store anew what it has, then goes on. */
    private void restart() {
        Running before = running;
        if (loading != null) {
            loading.cancel();
        }
        running = null;
        life = Life.RESTING;
        if (before == null) {
            begin();
            return;
        }
        count(before);
        ledger.keep(before.torrent.stats());
        life = Life.LOADING;
        var _ = before.torrent
                .close(false)
                .thenCompose(closed -> before.store.handOver())
                .thenRunAsync(this::loadAgain, desk);
        publish();
    }

    private CompletableFuture<@Nullable Running> leave(boolean tellTrackers) {
        CompletableFuture<@Nullable Running> left = new CompletableFuture<>();
        desk.execute(() -> {
            life = Life.LEAVING;
            ticks.cancel(false);
            if (loading != null) {
                loading.cancel();
            }
            Running now = running;
            if (now == null) {
                left.complete(null);
                return;
            }
            var _ = now.torrent
                    .close(tellTrackers)
                    .handleAsync(
                            (closed, failure) -> {
                                if (failure != null) {
                                    LOG.error("{} did not close as it should", keys, failure);
                                }
                                publish();
                                return left.complete(now);
                            },
                            desk);
        });
        return left;
    }

    private void tick() {
        Running now = running;
        if (now != null && life == Life.RUNNING) {
            count(now);
            giveWay(now);
            now.store.tidy();
            if (wanted.mode() == Mode.STOP) {
                now.store.rest();
            }
        }
    }

    /** Pieces that nobody goes on with, while slots are scarce, are given up: their slots can then be spilled. */
    private void giveWay(Running now) {
        TorrentStats stats = now.torrent.stats();
        boolean stuck = workplace.storage().slots().scarce() && stats.openPieces() > 0 && stats.downRate() == 0;
        stuckTicks = stuck ? stuckTicks + 1 : 0;
        if (stuckTicks >= STUCK_TICKS) {
            stuckTicks = 0;
            now.torrent.want(NOTHING);
            tell(now, now.store.currentWish());
        }
    }

    private void count(Running now) {
        TorrentStats stats = now.torrent.stats();
        workplace.traffic().add(counted, stats);
        counted = Traffic.Counted.of(stats);
    }

    private void publish() {
        State state = state();
        if (seeding != (state == State.SEEDING)) {
            seeding = !seeding;
            ledger.seeding(seeding);
        }
        snapshot = new Snapshot(wanted.rev(), state, fault, Bits.of(stored), check, running);
    }

    private State state() {
        SegmentWish now = wish;
        if (wanted.mode() == Mode.STOP) {
            return State.STOPPED;
        }
        if (running == null || now == null) {
            return State.STARTING;
        }
        return now.isMetBy(stored) || wanted.mode() == Mode.SEED ? State.SEEDING : State.DOWNLOADING;
    }

    private static TorrentSpec.Mode mode(Mode mode) {
        return switch (mode) {
            case RUN -> TorrentSpec.Mode.RUN;
            case SEED -> TorrentSpec.Mode.SEED;
            case STOP -> TorrentSpec.Mode.STOP;
        };
    }

    /** Hears on the torrent's loop, and goes to the desk. */
    private final class Events implements SegmentEvents, TorrentListener {
        @Override
        public void stored(int segment) {
            desk.execute(() -> {
                stored.set(segment);
                publish();
            });
        }

        @Override
        public void lost() {
            desk.execute(() -> {
                Running now = running;
                if (now != null && life == Life.RUNNING) {
                    tell(now, now.store.currentWish());
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
            Running now = running;
            if (now != null && life == Life.RUNNING) {
                fault = null;
                now.torrent.setMode(mode(wanted.mode()));
                publish();
            }
        }
    }
}
