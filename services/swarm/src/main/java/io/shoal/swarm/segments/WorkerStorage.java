package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.Scratch;
import io.shoal.swarm.scratch.Slots;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What all torrents of a worker share to keep their bytes.
 *
 * @param disk runs short reads of the scratch file
 * @param nanoClock nanoseconds that never go back
 */
public record WorkerStorage(
        Scratch scratch, Slots slots, StoreCalls calls, ExtentCache extents, Executor disk, LongSupplier nanoClock) {}
