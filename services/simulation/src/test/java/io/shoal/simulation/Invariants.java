package io.shoal.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.swarms.SimulatedHost;
import io.shoal.swarm.segments.StoreCalls;
import java.net.InetAddress;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What must hold after every scenario, whatever happened in it. That no wrong byte was stored is held at every write,
 * by {@link SimulatedStore}.
 */
final class Invariants {
    /** Pieces that may be fetched twice of any torrent: the end game, and what was open at a hand-over. */
    private static final int PIECES_AGAIN = 6;

    private static final int SEGMENT = 16 << 20;

    private Invariants() {}

    static void hold(World world) {
        for (SimulatedWorker worker : world.workers) {
            if (!worker.host.isKilled()) {
                nothingIsLeaked(worker);
            }
        }
        if (!world.isAnyKilled()) {
            assertThat(World.buffers()).as("bytes of buffers in use").isEqualTo(world.buffersBefore);
        }
        int workers = world.workers.size();
        assertThat(world.memory.taken(SEGMENT))
                .as("buffers for segments")
                .isLessThanOrEqualTo((long) StoreCalls.WRITES * workers);
        assertThat(world.memory.taken(0) - world.memory.taken(SEGMENT))
                .as("buffers for ranges of spills")
                .isLessThanOrEqualTo(2L * workers);
        onlyHostilePeersAreBanned(world);
        littleIsFetchedTwice(world);
        noMoreIsCountedThanWasSent(world);
    }

    private static void nothingIsLeaked(SimulatedWorker worker) {
        assertThat(worker.slots.free()).as("free slots of %s", worker.name).isEqualTo(worker.slots.count());
        assertThat(worker.calls.pending())
                .as("calls of %s to the store", worker.name)
                .isZero();
        worker.extents.close();
        assertThat(worker.extentBytes())
                .as("memory of extents of %s", worker.name)
                .isZero();
    }

    private static void onlyHostilePeersAreBanned(World world) {
        Set<InetAddress> workers = world.workers.stream()
                .map(worker -> worker.host)
                .map(SimulatedHost::address)
                .collect(Collectors.toSet());
        for (SimulatedWorker worker : world.workers) {
            assertThat(worker.banned).as("banned by %s", worker.name).isSubsetOf(world.hostile);
            assertThat(worker.slices.traffic().failures())
                    .as("faults of %s", worker.name)
                    .isEqualTo(world.mayFail);
        }
        for (Outsider outsider : world.outsiders) {
            assertThat(outsider.banned).as("banned by an outsider").doesNotContainAnyElementsOf(workers);
        }
    }

    private static void littleIsFetchedTwice(World world) {
        for (Run run : world.runs) {
            int pieceLength = run.content.geometry.pieces().length(0);
            assertThat(run.status().totals().down())
                    .as("bytes that %s received", run.worker.name)
                    .isLessThanOrEqualTo(run.content.bytes.length
                            + run.content.bytes.length / 20
                            + (long) PIECES_AGAIN * pieceLength
                            + world.mayBeFetchedAgain);
        }
    }

    private static void noMoreIsCountedThanWasSent(World world) {
        long sent =
                world.workers.stream().mapToLong(worker -> worker.host.sent()).sum();
        for (Run run : world.runs) {
            // What torrents of one worker give one another does not pass its line.
            long others = world.contents.stream()
                            .filter(content -> content.info.equals(run.content.info))
                            .count()
                    - 1;
            assertThat(run.status().totals().up())
                    .as("uploaded by %s", run.worker.name)
                    .isLessThanOrEqualTo(sent + others * run.content.bytes.length);
        }
    }
}
