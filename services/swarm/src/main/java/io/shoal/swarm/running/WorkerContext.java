package io.shoal.swarm.running;

import io.shoal.swarm.segments.WorkerStorage;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;

/**
 * State that all slices of a worker share.
 *
 * @param sliceThread the one thread on which slices keep their state
 * @param loads bounds the info dictionaries that are in memory before they are parsed: 64 MiB
 */
record WorkerContext(
        TorrentEngine engine,
        WorkerStorage storage,
        PeerIds peerIds,
        ScheduledExecutorService sliceThread,
        InstantSource clock,
        WorkerTraffic traffic,
        Semaphore loads) {

    /** Info dictionaries that are loaded at once: two of the largest make 64 MiB. */
    private static final int LOADS = 2;

    static WorkerContext of(
            TorrentEngine engine,
            WorkerStorage storage,
            PeerIds peerIds,
            ScheduledExecutorService sliceThread,
            InstantSource clock) {
        return new WorkerContext(
                engine, storage, peerIds, sliceThread, clock, new WorkerTraffic(), new Semaphore(LOADS));
    }
}
