package io.shoal.swarm.running;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.engine.net.Loop;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.ownership.SliceFactory;
import io.shoal.swarm.segments.WorkerStorage;
import io.shoal.swarm.slots.Slots;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Starts slices of both kinds in one worker, and has the slots reviewed that they share. */
public final class WorkerSliceFactory implements SliceFactory {
    private final WorkerContext worker;

    /** @param sliceThread the loop on which all slices keep their state */
    public WorkerSliceFactory(
            TorrentEngine engine, WorkerStorage storage, PeerIds peerIds, Loop sliceThread, InstantSource clock) {
        worker = WorkerContext.of(engine, storage, peerIds, sliceThread, clock);
        reviewSlots();
    }

    private void reviewSlots() {
        var _ = worker.sliceThread().schedule(Slots.REVIEW, () -> {
            reviewSlots();
            worker.storage().slots().review();
        });
    }

    /** Returns the traffic of all slices. */
    public WorkerTraffic traffic() {
        return worker.traffic();
    }

    @Override
    public Slice start(SliceKey key, SliceRecord wanted, @Nullable StatusRecord last, long epoch) {
        return switch (key) {
            case SliceKey.OfTorrent torrent -> TorrentSlice.start(worker, torrent, wanted, last);
            case SliceKey.OfResolve resolve -> ResolveSlice.start(worker, resolve, wanted, last);
        };
    }
}
