package io.shoal.simulation;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import io.shoal.engine.swarms.Engine;
import io.shoal.engine.swarms.SimulatedHost;
import io.shoal.engine.swarms.SimulatedNetwork;
import io.shoal.swarm.running.PeerIds;
import io.shoal.swarm.running.TorrentEngine;
import io.shoal.swarm.running.WorkerSliceFactory;
import io.shoal.swarm.segments.ExtentCache;
import io.shoal.swarm.segments.StoreCalls;
import io.shoal.swarm.segments.StoreCounters;
import io.shoal.swarm.segments.WorkerStorage;
import io.shoal.swarm.slots.Slots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** All of a worker but its ownership: slices, segment stores and the engine, in one process on one host. */
final class SimulatedWorker {
    private static final int PORTS = 4;
    private static final long CACHE_BYTES = 8L << 20;
    private static final PeerIds FLEET = new PeerIds("the fleet's");

    final String name;
    final SimulatedHost host;
    final SimulatedScratch scratch;
    final Slots slots;
    final StoreCounters counters = new StoreCounters();
    final StoreCalls calls;
    final ExtentCache extents;
    final WorkerSliceFactory slices;
    final Set<InetAddress> banned = new LinkedHashSet<>();
    final List<TorrentSpec> joined = new ArrayList<>();
    int scratchFailures;
    private final UnpooledByteBufAllocator extentMemory = new UnpooledByteBufAllocator(false);

    SimulatedWorker(World world, String name, int number, int slotCount) {
        this.name = name;
        host = world.network.host(number);
        scratch = new SimulatedScratch(slotCount);
        slots = new Slots(slotCount, host.loop()::nanoTime);
        SplittableRandom random = world.simulation.random.split();
        calls = new StoreCalls(
                world.store,
                StoreCalls.Backoff.NORMAL,
                counters,
                new StoreCalls.Environment(host.loop(), host.workers(), random, world.memory::take));
        extents = new ExtentCache(CACHE_BYTES, calls, length -> extentMemory.heapBuffer(length, length));
        WorkerStorage storage = new WorkerStorage(
                scratch,
                slots,
                calls,
                extents,
                host.workers(),
                host.loop()::nanoTime,
                () -> new UUID(random.nextLong(), random.nextLong()));
        slices = new WorkerSliceFactory(
                new ObservedEngine(engine(world, number, random.split())),
                storage,
                FLEET,
                host.loop(),
                () -> Instant.ofEpochMilli(host.loop().epochMillis()));
    }

    private Engine engine(World world, int number, SplittableRandom random) {
        EngineConfig config = new EngineConfig(
                IntStream.range(0, PORTS)
                        .mapToObj(port -> SimulatedNetwork.address(number, port))
                        .toList(),
                null,
                FLEET::isFleetMember,
                address -> true,
                EncryptionPolicy.ALLOWED,
                0,
                0);
        try {
            return new Engine(
                    config, world.network.of(host), address -> true, world.trackersOf(host), host.workers(), random);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of extents that are allocated now. */
    long extentBytes() {
        return extentMemory.metric().usedHeapMemory();
    }

    /** The engine, whose bans and failures are noted. */
    private final class ObservedEngine implements TorrentEngine {
        private final Engine engine;

        ObservedEngine(Engine engine) {
            this.engine = engine;
        }

        @Override
        public TorrentHandle join(TorrentSpec spec, Store store, TorrentListener listener) {
            joined.add(spec);
            return engine.add(spec, store, new TorrentListener() {
                @Override
                public void verified(int piece) {
                    listener.verified(piece);
                }

                @Override
                public void finished() {
                    listener.finished();
                }

                @Override
                public void banned(InetAddress address, int piece) {
                    banned.add(address);
                    listener.banned(address, piece);
                }

                @Override
                public void storeFailed(Throwable cause) {
                    scratchFailures++;
                    listener.storeFailed(cause);
                }

                @Override
                public void failed(Throwable cause) {
                    listener.failed(cause);
                }
            });
        }

        @Override
        public ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> found) {
            return engine.resolve(spec, found);
        }
    }
}
