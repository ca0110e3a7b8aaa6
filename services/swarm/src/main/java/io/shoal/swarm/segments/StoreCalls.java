package io.shoal.swarm.segments;

import io.shoal.engine.net.Loop;
import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.swarm.scratch.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The worker's calls to the store. Few run at once, and the others wait in order. A write is repeated until it
 * succeeds, because an unavailable store is waited for and is no fault of a caller ({@link Retries}).
 *
 * <p>Its state is confined to its loop, where nothing blocks; the public methods may be called from any thread, except
 * those of {@link CallPermits}.
 */
public final class StoreCalls {
    /** Writes at once. More gain nothing on one worker's network, and each holds a segment in memory. */
    public static final int WRITES = 4;

    /** Reads at once: enough to hide a store's latency. */
    public static final int READS = 16;

    /** Objects at once that are loaded into slots. */
    static final int LOADS = 2;

    /** Bytes of a range of such an object. */
    static final int RANGE_BYTES = 1 << 20;

    private static final int BODY_BYTES = Scratch.SLOT_BYTES + 1024; // a spill has its bitmap too

    /** The wait before a call is repeated: from {@code first}, doubled each time, up to {@code longest}. */
    public record Backoff(Duration first, Duration longest) {
        /** For a store on a network. */
        public static final Backoff NORMAL = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    }

    /**
     * What the calls run on.
     *
     * @param loop keeps their state
     * @param background runs what takes longer than a moment: reads and writes of the scratch file, parsing
     * @param random spreads repeated calls; used on the loop only
     * @param memory allocates the buffers of bodies, of which few exist and each is used again
     */
    public record Environment(Loop loop, Executor background, RandomGenerator random, IntFunction<ByteBuffer> memory) {}

    /** One attempt; {@code start} is called on the loop and must not block. */
    @FunctionalInterface
    public interface Attempt<T> {
        CompletableFuture<T> start();
    }

    /** Fills a cleared buffer with the bytes to write. */
    @FunctionalInterface
    public interface Body {
        void fill(ByteBuffer into) throws IOException;
    }

    /** A call that is repeated until the store answers. */
    public interface RetryingCall {
        /** Stops repeating; no result is reported. A request in progress may still reach the store. Any thread. */
        void cancel();
    }

    /**
     * Receives the result of a call, on the executor that was passed; after {@link RetryingCall#cancel} only
     * {@link #ended} is called.
     */
    public interface Callback<T> {
        /** The store has answered. */
        void done(T answer);

        /** The object is missing, or the local disk failed: repeating would not help. */
        void failed(Throwable cause);

        /** The store does not answer; called once, before {@link #done} or {@link #failed}. */
        void delayed();

        /** No attempt is in progress any more, and none will follow. The last call. */
        void ended();
    }

    private final AsyncObjectStore store;
    private final Environment environment;
    private final Loop loop;
    private final StoreCounters counters;
    private final Retries retries;
    private final CallPermits writes;
    private final CallPermits reads;
    private final CallPermits loads;
    private final Queue<ByteBuffer> bodyBuffers = new ArrayDeque<>();
    private final Queue<ByteBuffer> rangeBuffers = new ArrayDeque<>();

    public StoreCalls(AsyncObjectStore store, Backoff backoff, StoreCounters counters, Environment environment) {
        this.store = store;
        this.environment = environment;
        this.loop = environment.loop;
        this.counters = counters;
        this.retries = new Retries(loop, backoff, counters, environment.random);
        this.writes = permits(WRITES);
        this.reads = permits(READS);
        this.loads = permits(LOADS);
    }

    /** The store, for calls that the caller bounds and repeats. */
    public AsyncObjectStore store() {
        return store;
    }

    /** Counters of all calls. */
    public StoreCounters counters() {
        return counters;
    }

    /** The loop on which attempts start. */
    public Loop loop() {
        return loop;
    }

    /** Creates permits for attempts, which start on the loop. */
    public CallPermits permits(int count) {
        return new CallPermits(loop, count);
    }

    /** Writes {@code key}, and repeats until the store answers. */
    public RetryingCall put(String key, Body body, Executor then, Callback<Integer> callback) {
        return retries.start(writes, () -> putOnce(key, body), then, callback);
    }

    /** Repeats {@code attempt} until the store answers. */
    public <T> RetryingCall repeat(Attempt<T> attempt, Executor then, Callback<T> callback) {
        return retries.start(null, attempt, then, callback);
    }

    /** Starts {@code read} once, with a bounded number of others. Completes on the loop. */
    public <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> read) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> {
            var _ = reads.run(read).whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        });
        return answer;
    }

    /** Takes a range of an object. */
    @FunctionalInterface
    interface RangeConsumer {
        void take(int offset, ByteBuffer bytes) throws IOException;
    }

    /**
     * Reads the bytes {@code [from, to)} of an object, range by range, once. However many are called for, {@link #LOADS}
     * ranges are in memory at most. On the loop.
     *
     * @param to the size of the object
     * @param consumer writes to the scratch file
     */
    CompletableFuture<Void> readInRanges(String key, int from, int to, RangeConsumer consumer) {
        return loads.run(() -> store.size(key)
                .thenComposeAsync(
                        size -> {
                            if (size.isEmpty()) {
                                return CompletableFuture.failedFuture(new NoSuchObjectException(key));
                            }
                            if (size.getAsLong() != to) {
                                return CompletableFuture.failedFuture(new IOException(key + " has changed its size"));
                            }
                            ByteBuffer pooled = rangeBuffers.poll();
                            ByteBuffer range = pooled != null ? pooled : environment.memory.apply(RANGE_BYTES);
                            return readRanges(key, from, to, range, consumer)
                                    .whenCompleteAsync((nothing, failure) -> rangeBuffers.add(range), loop);
                        },
                        loop));
    }

    private CompletableFuture<Void> readRanges(String key, int from, int to, ByteBuffer range, RangeConsumer consumer) {
        if (from >= to) {
            return CompletableFuture.completedFuture(null);
        }
        ByteBuffer bytes = range.slice(0, Math.min(RANGE_BYTES, to - from));
        return reads.run(() -> store.read(key, from, bytes.duplicate()))
                .thenCompose(nothing -> onScratch(() -> consumer.take(from, bytes)))
                .thenComposeAsync(nothing -> readRanges(key, from + RANGE_BYTES, to, range, consumer), loop);
    }

    private CompletableFuture<Integer> putOnce(String key, Body body) {
        ByteBuffer pooled = bodyBuffers.poll();
        ByteBuffer bytes = pooled != null ? pooled.clear() : environment.memory.apply(BODY_BYTES);
        return onScratch(() -> {
                    body.fill(bytes);
                    bytes.flip();
                })
                .thenComposeAsync(
                        nothing -> {
                            counters.puts.increment();
                            return store.put(key, bytes);
                        },
                        loop)
                .thenApplyAsync(
                        nothing -> {
                            counters.bytesPut.add(bytes.remaining());
                            return bytes.remaining();
                        },
                        loop)
                .whenCompleteAsync((length, failure) -> bodyBuffers.add(bytes), loop);
    }

    /** Reads or writes the scratch file. */
    @FunctionalInterface
    private interface ScratchTask {
        void run() throws IOException;
    }

    private CompletableFuture<Void> onScratch(ScratchTask task) {
        return inBackground(() -> {
            try {
                task.run();
                return null;
            } catch (IOException e) {
                throw new IOException("the scratch file failed", e);
            }
        });
    }

    /** Runs {@code task} where it may take its time; the future fails with what it throws. */
    public <T> CompletableFuture<T> inBackground(Callable<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        environment.background.execute(() -> {
            try {
                answer.complete(task.call());
            } catch (Throwable e) { // whatever it is, the caller must be notified
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** Returns the number of calls that are in progress or wait for their turn or for the store. On the loop. */
    public int pending() {
        return writes.pending() + reads.pending() + loads.pending() + retries.waiting();
    }
}
