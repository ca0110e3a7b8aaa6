package io.shoal.swarm.running;

import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Peers;
import io.shoal.contracts.records.StatusRecord.Rates;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.engine.Resolution;
import io.shoal.engine.ResolveSpec;
import io.shoal.swarm.ownership.Observed;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.segments.StoreCalls;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for a magnet's metadata: from peers to the object {@code resolved/{transfer}}, from which intake plans. What is
 * found is written before it is told. Its state is confined to the desk.
 */
final class ResolveSlice implements Slice {
    private static final Logger LOG = LoggerFactory.getLogger(ResolveSlice.class);

    private final Workplace workplace;
    private final Executor desk;
    private final SliceKey.OfResolve key;
    private final String object;
    private final Ledger ledger;
    private volatile SliceRecord wanted;
    private boolean left;
    private volatile @Nullable Resolution search;
    private int searches;
    private StoreCalls.@Nullable Errand writing;
    private volatile State state;
    private volatile @Nullable Reason reason;

    private ResolveSlice(Workplace workplace, SliceKey.OfResolve key, SliceRecord wanted, @Nullable StatusRecord last) {
        this.workplace = workplace;
        this.desk = workplace.desk();
        this.key = key;
        this.object = ObjectKeys.resolved(key.transfer());
        this.ledger = new Ledger(workplace.clock(), last);
        this.wanted = wanted;
        this.state = last != null && last.state() == State.RESOLVED ? State.RESOLVED : State.STARTING;
    }

    /** Starts it; one that the last owner has finished has nothing more to do. */
    static ResolveSlice start(
            Workplace workplace, SliceKey.OfResolve key, SliceRecord wanted, @Nullable StatusRecord last) {
        ResolveSlice slice = new ResolveSlice(workplace, key, wanted, last);
        slice.desk.execute(slice::proceed);
        return slice;
    }

    @Override
    public void want(SliceRecord newer) {
        desk.execute(() -> {
            boolean changed = newer.mode() != wanted.mode() || !newer.trackers().equals(wanted.trackers());
            wanted = newer;
            if (changed) {
                stopSearching(wanted.mode() == Mode.STOP);
                proceed();
            }
        });
    }

    @Override
    public Observed observe() {
        State now = state;
        SliceRecord asked = wanted;
        Resolution under = search;
        Peers peers = Peers.NONE;
        List<Tracker> trackers = List.of();
        if (under != null) {
            Resolution.Stats stats = under.stats();
            peers = new Peers(stats.peers(), stats.offering(), 0);
            trackers = Ledger.trackers(stats.trackers());
        }
        return new Observed(
                asked.gen(),
                asked.rev(),
                now,
                now == State.RESOLVED ? null : reason,
                Bits.NONE,
                0,
                Totals.ZERO,
                Rates.ZERO,
                peers,
                trackers,
                now == State.RESOLVED ? object : null);
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

    private CompletableFuture<Void> leave(boolean tellTrackers) {
        return CompletableFuture.runAsync(
                () -> {
                    left = true;
                    stopSearching(tellTrackers);
                    if (writing != null) {
                        writing.cancel();
                    }
                },
                desk);
    }

    private void stopSearching(boolean tellTrackers) {
        if (search != null) {
            var _ = search.close(tellTrackers);
            search = null;
            searches++;
        }
    }

    private void proceed() {
        if (left || state == State.RESOLVED || search != null || writing != null) {
            return;
        }
        if (wanted.mode() == Mode.STOP) {
            state = State.STOPPED;
            return;
        }
        String link = wanted.magnet();
        try {
            Magnet magnet = Magnet.parse(link == null ? "" : link);
            ResolveSpec spec = new ResolveSpec(
                    magnet.infoHash(),
                    workplace.peerIds().of(key, wanted.gen()),
                    wanted.trackers(),
                    NamedPeers.addresses(magnet.peers()),
                    ledger.resumed(wanted.trackers()));
            int number = searches;
            search = workplace.swarms().resolve(spec, info -> desk.execute(() -> found(number, info)));
            state = State.RESOLVING;
            reason = Reason.NO_METADATA;
        } catch (MetainfoException e) {
            LOG.error("The magnet of {} cannot be read: {}", key, e.getMessage());
            state = State.RESOLVING;
            reason = Reason.DAMAGED;
        }
    }

    private void found(int by, byte[] info) {
        if (left || searches != by) {
            return;
        }
        stopSearching(true);
        writing = workplace
                .storage()
                .calls()
                .repeat(
                        () -> {
                            workplace.storage().calls().store().put(object, ByteBuffer.wrap(info));
                            return info.length;
                        },
                        desk,
                        new StoreCalls.Outcome<Integer>() {
                            @Override
                            public void done(Integer length) {
                                state = State.RESOLVED;
                            }

                            @Override
                            public void failed(Exception cause) {
                                LOG.error("{} cannot be written", object, cause);
                            }

                            @Override
                            public void delayed() {
                                reason = Reason.STORAGE_WAIT;
                            }

                            @Override
                            public void ended() {}
                        });
    }
}
