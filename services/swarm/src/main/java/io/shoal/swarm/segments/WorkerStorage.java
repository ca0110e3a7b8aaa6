package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.SlotBytes;
import io.shoal.swarm.slots.Slots;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Storage that all torrents of a worker share.
 *
 * @param scratch where open segments are filled
 * @param disk runs short reads of the scratch file
 * @param nanoClock monotonic, in nanoseconds
 * @param spillIds names spills: ids that no other worker draws
 */
public record WorkerStorage(
        SlotBytes scratch,
        Slots slots,
        StoreCalls calls,
        ExtentCache extents,
        Executor disk,
        LongSupplier nanoClock,
        Supplier<UUID> spillIds) {}
