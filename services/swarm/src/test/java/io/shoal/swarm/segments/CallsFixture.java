package io.shoal.swarm.segments;

import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.swarm.worker.ThreadLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/** Calls to a store, with threads as a worker has them. */
public final class CallsFixture implements AutoCloseable {
    public final ThreadLoop loop = new ThreadLoop("slices");
    public final StoreCounters counters = new StoreCounters();
    public final StoreCalls calls;
    private final ExecutorService background = Executors.newFixedThreadPool(StoreCalls.WRITES);

    public CallsFixture(AsyncObjectStore store, StoreCalls.Backoff backoff) {
        calls = new StoreCalls(
                store,
                backoff,
                counters,
                new StoreCalls.Environment(
                        loop, background, RandomGenerator.of("L64X128MixRandom"), ByteBuffer::allocateDirect));
    }

    @Override
    public void close() {
        loop.close();
        background.shutdown();
    }
}
