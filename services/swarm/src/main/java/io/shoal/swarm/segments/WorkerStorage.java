package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.Scratch;
import io.shoal.swarm.scratch.Slots;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Storage that all torrents of a worker share.
 *
 * @param disk runs short reads of the scratch file
 * @param nanoClock monotonic, in nanoseconds
 */
public record WorkerStorage(
        Scratch scratch, Slots slots, StoreCalls calls, ExtentCache extents, Executor disk, LongSupplier nanoClock) {}
