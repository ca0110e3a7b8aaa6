package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.net.Loop;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.ownership.SliceFigures;
import io.shoal.swarm.ownership.SliceStatus;
import io.shoal.swarm.segments.StoreCalls;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for a magnet's metadata: from peers to the object {@code resolved/{transfer}}, from which intake plans.
 * The metadata is written before the state is published. Its state is confined to the slice thread.
 */
final class ResolveSlice implements Slice {
    private static final Logger LOG = LoggerFactory.getLogger(ResolveSlice.class);

    private final WorkerContext worker;
    private final Loop sliceThread;
    private final SliceKey.OfResolve key;
    private final String object;
    private final SliceTotals totals;
    private volatile SliceRecord wanted;
    private boolean left;
    private volatile @Nullable ResolveHandle search;
    private int searches;
    private StoreCalls.@Nullable RetryingCall writing;
    private volatile State state;
    private volatile @Nullable Reason reason;
    private final AtomicLong changes = new AtomicLong();

    private ResolveSlice(
            WorkerContext worker, SliceKey.OfResolve key, SliceRecord wanted, @Nullable StatusRecord last) {
        this.worker = worker;
        this.sliceThread = worker.sliceThread();
        this.key = key;
        this.object = ObjectKeys.resolved(key.transfer());
        this.totals = new SliceTotals(worker.clock(), last);
        this.wanted = wanted;
        this.state = last != null && last.state() == State.RESOLVED ? State.RESOLVED : State.STARTING;
    }

    /** Starts it; a search that the last owner has finished does nothing. */
    static ResolveSlice start(
            WorkerContext worker, SliceKey.OfResolve key, SliceRecord wanted, @Nullable StatusRecord last) {
        ResolveSlice slice = new ResolveSlice(worker, key, wanted, last);
        slice.sliceThread.execute(slice::proceed);
        return slice;
    }

    @Override
    public void want(SliceRecord newer) {
        sliceThread.execute(() -> {
            boolean changed = newer.mode() != wanted.mode() || !newer.trackers().equals(wanted.trackers());
            boolean announce = newer.reannounces() > wanted.reannounces();
            wanted = newer;
            changes.incrementAndGet(); // the revision in force
            if (changed) {
                stopSearching(wanted.mode() == Mode.STOP);
                proceed();
            }
            ResolveHandle current = search;
            if (announce && current != null) {
                current.announceOnRequest();
            }
        });
    }

    @Override
    public long changes() {
        return changes.get();
    }

    @Override
    public SliceStatus status() {
        State now = state;
        SliceRecord requested = wanted;
        ResolveHandle current = search;
        List<Tracker> trackers =
                current == null ? List.of() : totals.trackers(current.stats().trackers());
        return new SliceStatus(
                requested.gen(),
                requested.rev(),
                now,
                now == State.RESOLVED ? null : reason,
                Bits.NONE,
                0,
                Totals.ZERO,
                trackers,
                now == State.RESOLVED ? object : null);
    }

    @Override
    public long payload() {
        return 0;
    }

    @Override
    public SliceFigures figures() {
        ResolveHandle current = search;
        Peers peers = Peers.NONE;
        if (current != null) {
            ResolveHandle.Stats stats = current.stats();
            peers = new Peers(stats.peers(), stats.offering(), 0);
        }
        return new SliceFigures(state, Totals.ZERO, Rates.ZERO, peers);
    }

    @Override
    public CompletableFuture<Void> handOver() {
        return leave(false);
    }

    @Override
    public void drop() {
        var _ = leave(false);
    }

    @Override
    public CompletableFuture<Void> end() {
        return leave(true);
    }

    /** On the slice thread. */
    private void publish(State now, @Nullable Reason why) {
        state = now;
        reason = why;
        changes.incrementAndGet();
    }

    private CompletableFuture<Void> leave(boolean announceStopped) {
        return CompletableFuture.runAsync(
                () -> {
                    left = true;
                    stopSearching(announceStopped);
                    if (writing != null) {
                        writing.cancel();
                    }
                },
                sliceThread);
    }

    private void stopSearching(boolean announceStopped) {
        if (search != null) {
            var _ = search.close(announceStopped);
            search = null;
            searches++;
        }
    }

    private void proceed() {
        if (left || state == State.RESOLVED || search != null || writing != null) {
            return;
        }
        if (wanted.mode() == Mode.STOP) {
            publish(State.STOPPED, reason);
            return;
        }
        try {
            ResolveSpec spec = spec(wanted, worker.peerIds().of(key, wanted.gen()), totals.resumed(wanted.trackers()));
            int number = searches;
            search = worker.engine().resolve(spec, info -> sliceThread.execute(() -> metadataFound(number, info)));
            publish(State.RESOLVING, Reason.NO_METADATA);
        } catch (MetainfoException e) {
            LOG.error("The magnet of {} cannot be read: {}", key, e.getMessage());
            publish(State.RESOLVING, Reason.DAMAGED);
        }
    }

    /**
     * Returns what the engine must know to search for the metadata that {@code wanted} names.
     *
     * @throws MetainfoException if the magnet cannot be read
     */
    static ResolveSpec spec(SliceRecord wanted, PeerId peerId, Resumed resumed) throws MetainfoException {
        String link = wanted.magnet();
        String owner = wanted.owner();
        Magnet magnet = Magnet.parse(link == null ? "" : link);
        return new ResolveSpec(
                magnet.infoHash(),
                peerId,
                wanted.trackers(),
                MagnetPeers.addresses(magnet.peers()),
                resumed,
                owner == null ? "" : owner,
                wanted.isPrivate());
    }

    private void metadataFound(int by, byte[] info) {
        if (left || searches != by) {
            return;
        }
        stopSearching(true);
        writing = worker.storage()
                .calls()
                .repeat(
                        () -> worker.storage()
                                .calls()
                                .store()
                                .put(object, ByteBuffer.wrap(info))
                                .thenApply(nothing -> info.length),
                        sliceThread,
                        new StoreCalls.Callback<Integer>() {
                            @Override
                            public void done(Integer length) {
                                publish(State.RESOLVED, reason);
                            }

                            @Override
                            public void failed(Throwable cause) {
                                LOG.error("{} cannot be written", object, cause);
                            }

                            @Override
                            public void delayed() {
                                publish(state, Reason.STORAGE_WAIT);
                            }

                            @Override
                            public void ended() {}
                        });
    }
}
