package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentStats;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.segments.SegmentListener;
import io.shoal.swarm.segments.SegmentStore;
import io.shoal.swarm.segments.SegmentWish;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/**
 * One run of a torrent in the engine, from when it has been loaded until it leaves: its store and its swarm, which
 * receive each change of the wish together.
 *
 * <p>The store computes what the engine must download, because it knows what is kept; so a wish goes to the store
 * first, and the store's answer to the engine. Confined to the slice thread.
 */
final class TorrentRun {
    /** Is notified of the swarm and of the store, on the torrent's loop. */
    interface Listener extends SegmentListener, TorrentListener {}

    /** Ticks of five minutes: the engine forgets peers that it cannot reach, and only this class names them again. */
    private static final int MAGNET_PEER_TICKS = 60;

    /** Drops open pieces, which would hold slots. */
    private static final PieceWish NOTHING = piece -> 0;

    private final WorkerContext worker;
    private final LoadedTorrent loaded;
    private final SegmentStore store;
    private final TorrentHandle torrent;
    private SliceRecord wanted;
    private SegmentWish wish;
    private WorkerTraffic.Counted counted;
    private int ticks;

    /**
     * Starts the run.
     *
     * @param resumed the state from which trackers and counters continue
     */
    TorrentRun(
            WorkerContext worker,
            ObjectKeys keys,
            PeerId peerId,
            SliceRecord wanted,
            LoadedTorrent loaded,
            TorrentSpec.Resumed resumed,
            Listener events) {
        this.worker = worker;
        this.loaded = loaded;
        this.wanted = wanted;
        this.wish = LoadedTorrent.wish(loaded.geometry(), loaded.info(), wanted);
        this.counted = new WorkerTraffic.Counted(resumed.downloaded(), resumed.uploaded(), resumed.wasted(), 0);
        String owner = wanted.owner() == null ? "" : wanted.owner();
        this.store = new SegmentStore(
                loaded.geometry(),
                loaded.info().files().size(),
                keys,
                worker.storage(),
                owner,
                loaded.stored(),
                wish,
                events);
        TorrentSpec spec = new TorrentSpec(
                loaded.info(),
                peerId,
                wanted.trackers(),
                resumed,
                store.wish(),
                mode(wanted.mode()),
                owner,
                limits(wanted),
                wanted.isPrivate(),
                wanted.webSeeds());
        this.torrent = worker.engine().join(spec, store, events);
        addMagnetPeers();
    }

    /**
     * Passes the peers that came with a magnet to the engine; for a private torrent only its tracker may name peers
     * (BEP 27).
     */
    private void addMagnetPeers() {
        if (!wanted.isPrivate() && wanted.mode() != Mode.STOP) {
            MagnetPeers.addresses(wanted.peers()).forEach(torrent::addPeer);
        }
    }

    /** Returns the figures of the torrent. Any thread. */
    TorrentStats stats() {
        return torrent.stats();
    }

    /** Returns the swarm and the pieces as they are now, from the torrent's loop. Any thread. */
    CompletableFuture<SwarmView> inspect() {
        return torrent.inspect(SwarmReport.PEERS_MAX, SwarmReport.BUCKETS_MAX)
                .thenCombine(store.pieceMap(SwarmReport.BUCKETS_MAX), SwarmViews::of);
    }

    /** Returns the bytes of the wanted segments that are not verified. Any thread. */
    long left() {
        return store.left();
    }

    /** Whether the object store delays it. Any thread. */
    boolean isDelayed() {
        return store.isDelayed();
    }

    /** Whether it waits for a slot that other torrents hold. Any thread. */
    boolean isWaitingForSlot() {
        return store.isWaitingForSlot();
    }

    /** Whether {@code stored} has all that is wanted. */
    boolean isMetBy(BitSet stored) {
        return wish.isMetBy(stored);
    }

    /** The wanted record has changed. */
    void want(SliceRecord newer) {
        SliceRecord before = wanted;
        wanted = newer;
        if (!newer.wanted().equals(before.wanted())) {
            wish = LoadedTorrent.wish(loaded.geometry(), loaded.info(), newer);
            applyWish(store.want(wish));
        }
        if (!newer.trackers().equals(before.trackers())) {
            torrent.setTrackers(newer.trackers());
        }
        if (!newer.webSeeds().equals(before.webSeeds())) {
            torrent.setWebSeeds(newer.webSeeds());
        }
        if (!limits(newer).equals(limits(before))) {
            torrent.setLimits(limits(newer));
        }
        if (!newer.peers().equals(before.peers())) {
            addMagnetPeers();
        }
        if (newer.mode() != before.mode()) {
            torrent.setMode(mode(newer.mode()));
            if (newer.mode() == Mode.STOP) {
                torrent.want(NOTHING);
                store.spillAll();
            } else if (before.mode() == Mode.STOP) {
                refreshWish();
                addMagnetPeers(); // the engine has forgotten them
            }
        }
    }

    /** A person asks for an announce. A torrent that is stopped announces when it starts. */
    void announceOnRequest() {
        if (wanted.mode() != Mode.STOP) {
            torrent.announceOnRequest();
        }
    }

    private static TorrentSpec.Limits limits(SliceRecord wanted) {
        SliceRecord.SliceLimits limits = wanted.limits();
        return limits == null ? TorrentSpec.Limits.NONE : new TorrentSpec.Limits(limits.downRate(), limits.upRate());
    }

    /** Recomputes what must be downloaded. */
    void refreshWish() {
        applyWish(store.currentWish());
    }

    private void applyWish(CompletableFuture<PieceWish> answer) {
        if (wanted.mode() != Mode.STOP) {
            var _ = answer.thenAccept(torrent::want);
        }
    }

    /** The scratch file failed, and is tried again. */
    void resume() {
        torrent.setMode(mode(wanted.mode()));
    }

    /** Must be called every five seconds. */
    void tick() {
        countTraffic();
        store.tick();
        if (++ticks % MAGNET_PEER_TICKS == 0) {
            addMagnetPeers();
        }
        if (wanted.mode() == Mode.STOP) {
            store.spillAll();
        }
    }

    /** Adds to the worker's traffic what has been transferred since the last call. */
    void countTraffic() {
        TorrentStats stats = stats();
        worker.traffic().add(counted, stats);
        counted = WorkerTraffic.Counted.of(stats);
    }

    /** Leaves the swarm. Open slots must then be {@link #handOver handed over} or {@link #abandon abandoned}. */
    CompletableFuture<Void> leave(boolean announceStopped) {
        return torrent.close(announceStopped);
    }

    /** After {@link #leave}: completes when all verified pieces are stored or spilled. */
    CompletableFuture<Void> handOver() {
        return store.handOver();
    }

    /** After {@link #leave}: nothing more is written. */
    void abandon() {
        store.abandon();
    }

    private static TorrentSpec.Mode mode(Mode mode) {
        return switch (mode) {
            case RUN -> TorrentSpec.Mode.RUN;
            case SEED -> TorrentSpec.Mode.SEED;
            case STOP -> TorrentSpec.Mode.STOP;
        };
    }
}
