package io.shoal.swarm.running;

import io.shoal.engine.net.Loop;
import io.shoal.swarm.segments.CallPermits;
import io.shoal.swarm.segments.WorkerStorage;
import java.time.InstantSource;

/**
 * State that all slices of a worker share.
 *
 * @param sliceThread the loop on which slices keep their state
 * @param loads bounds the info dictionaries that are in memory before they are parsed: 64 MiB
 */
record WorkerContext(
        TorrentEngine engine,
        WorkerStorage storage,
        PeerIds peerIds,
        Loop sliceThread,
        InstantSource clock,
        WorkerTraffic traffic,
        CallPermits loads) {

    /** Info dictionaries that are loaded at once: two of the largest make 64 MiB. */
    private static final int LOADS = 2;

    static WorkerContext of(
            TorrentEngine engine, WorkerStorage storage, PeerIds peerIds, Loop sliceThread, InstantSource clock) {
        CallPermits loads = storage.calls().permits(LOADS);
        return new WorkerContext(engine, storage, peerIds, sliceThread, clock, new WorkerTraffic(), loads);
    }
}
