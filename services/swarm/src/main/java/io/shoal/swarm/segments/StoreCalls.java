package io.shoal.swarm.segments;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.swarm.scratch.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's calls to the store. They block, so each runs on a virtual thread, and few run at once. A write is
 * repeated until it succeeds, because an unavailable store is waited for and is no fault of a caller. The first call
 * that finds the store available again wakes all that wait.
 *
 * <p>May be used from any thread.
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

    /** One attempt. */
    @FunctionalInterface
    public interface Attempt<T> {
        T run() throws NoSuchObjectException, StoreUnavailableException, IOException;
    }

    /** Fills a cleared buffer with the bytes to write. */
    @FunctionalInterface
    public interface Body {
        void fill(ByteBuffer into) throws IOException;
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

    private static final Logger LOG = LoggerFactory.getLogger(StoreCalls.class);

    private final ObjectStore store;
    private final Backoff backoff;
    private final StoreCounters counters;
    private final Semaphore writes = new Semaphore(WRITES);
    private final Semaphore reads = new Semaphore(READS);
    private final Semaphore loads = new Semaphore(LOADS);

    /** Reads and writes the scratch file: on a virtual thread that would block the carrier. */
    private final ExecutorService scratchThreads = scratchThreads();

    private final ConcurrentLinkedQueue<ByteBuffer> bodyBuffers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ByteBuffer> rangeBuffers = new ConcurrentLinkedQueue<>();
    private final Set<RetryingCall> waiting = ConcurrentHashMap.newKeySet();

    public StoreCalls(ObjectStore store, Backoff backoff, StoreCounters counters) {
        this.store = store;
        this.backoff = backoff;
        this.counters = counters;
    }

    /** The store, for calls that the caller bounds and repeats. */
    public ObjectStore store() {
        return store;
    }

    /** Counters of all calls. */
    public StoreCounters counters() {
        return counters;
    }

    /** Writes {@code key}, and repeats until the store answers. */
    public RetryingCall put(String key, Body body, Executor then, Callback<Integer> callback) {
        return repeat(() -> putOnce(key, body), then, callback);
    }

    /** Repeats {@code attempt} until the store answers. */
    public <T> RetryingCall repeat(Attempt<T> attempt, Executor then, Callback<T> callback) {
        RetryingCall call = new RetryingCall();
        Thread.ofVirtual().name("store").start(() -> run(call, attempt, then, callback));
        return call;
    }

    /** Runs {@code read} once, with a bounded number of others. */
    public <T> T read(Attempt<T> read) throws NoSuchObjectException, StoreUnavailableException, IOException {
        reads.acquireUninterruptibly();
        try {
            return read.run();
        } finally {
            reads.release();
        }
    }

    /** Takes a range of an object. */
    @FunctionalInterface
    interface RangeConsumer {
        void take(int offset, ByteBuffer bytes) throws IOException;
    }

    /**
     * Reads the bytes {@code [from, to)} of an object, range by range, once. However many are called for, {@link #LOADS}
     * ranges are in memory at most.
     *
     * @param to the size of the object
     * @param consumer writes to the scratch file
     */
    void readInRanges(String key, int from, int to, RangeConsumer consumer)
            throws NoSuchObjectException, StoreUnavailableException, IOException {
        loads.acquireUninterruptibly();
        try {
            OptionalLong size = store.size(key);
            if (size.isEmpty()) {
                throw new NoSuchObjectException(key);
            }
            if (size.getAsLong() != to) {
                throw new IOException(key + " has changed its size");
            }
            ByteBuffer pooled = rangeBuffers.poll();
            ByteBuffer range = pooled != null ? pooled : ByteBuffer.allocateDirect(RANGE_BYTES);
            try {
                for (int at = from; at < to; at += RANGE_BYTES) {
                    int offset = at;
                    ByteBuffer bytes = range.slice(0, Math.min(RANGE_BYTES, to - at));
                    read(() -> {
                        store.read(key, offset, bytes.duplicate());
                        return offset;
                    });
                    onScratchThread(() -> consumer.take(offset, bytes));
                }
            } finally {
                rangeBuffers.add(range);
            }
        } finally {
            loads.release();
        }
    }

    /** Runs {@code task} on a virtual thread of its own. */
    void start(Runnable task) {
        Thread.ofVirtual().name("store").start(task);
    }

    private Integer putOnce(String key, Body body) throws StoreUnavailableException, IOException {
        writes.acquireUninterruptibly();
        try {
            ByteBuffer pooled = bodyBuffers.poll();
            ByteBuffer bytes = pooled != null ? pooled.clear() : ByteBuffer.allocateDirect(BODY_BYTES);
            try {
                return putFrom(bytes, key, body);
            } finally {
                bodyBuffers.add(bytes);
            }
        } finally {
            writes.release();
        }
    }

    private int putFrom(ByteBuffer bytes, String key, Body body) throws StoreUnavailableException, IOException {
        onScratchThread(() -> body.fill(bytes));
        bytes.flip();
        int length = bytes.remaining();
        counters.puts.increment();
        store.put(key, bytes);
        counters.bytesPut.add(length);
        return length;
    }

    /** Reads or writes the scratch file. */
    @FunctionalInterface
    private interface ScratchTask {
        void run() throws IOException;
    }

    private void onScratchThread(ScratchTask task) throws IOException {
        try {
            CompletableFuture.runAsync(
                            () -> {
                                try {
                                    task.run();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            },
                            scratchThreads)
                    .join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case UncheckedIOException failure -> throw new IOException("the scratch file failed", failure);
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }

    private static ExecutorService scratchThreads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                WRITES,
                WRITES,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("scratch-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    private <T> void run(RetryingCall call, Attempt<T> attempt, Executor then, Callback<T> callback) {
        try {
            attemptUntilDone(call, attempt, then, callback);
        } finally {
            then.execute(callback::ended);
        }
    }

    private <T> void attemptUntilDone(RetryingCall call, Attempt<T> attempt, Executor then, Callback<T> callback) {
        Duration delay = backoff.first;
        boolean failed = false;
        while (!call.cancelled) {
            try {
                T answer = attempt.run();
                if (failed) {
                    waiting.forEach(RetryingCall::wake);
                }
                then.execute(() -> call.unlessCancelled(() -> callback.done(answer)));
                return;
            } catch (StoreUnavailableException
                    | OutOfMemoryError e) { // memory that is short now comes back, as the store does
                if (e instanceof OutOfMemoryError) {
                    LOG.error("Out of memory for a call to the store, which is repeated", e);
                }
                counters.failures.increment();
                if (!failed) {
                    then.execute(() -> call.unlessCancelled(callback::delayed));
                }
                failed = true;
                delay = pause(call, delay);
            } catch (Throwable e) { // a fault of ours must be reported too
                then.execute(() -> call.unlessCancelled(() -> callback.failed(e)));
                return;
            }
        }
    }

    /** @return how long to wait the next time */
    private Duration pause(RetryingCall call, Duration delay) {
        waiting.add(call);
        try {
            if (call.sleep(delay.toNanos() / 2, delay.toNanos())) {
                call.sleep(0, backoff.first.toNanos()); // spread out, not all at once
                return backoff.first;
            }
        } finally {
            waiting.remove(call);
        }
        Duration doubled = delay.multipliedBy(2);
        return doubled.compareTo(backoff.longest) > 0 ? backoff.longest : doubled;
    }

    /** A call that is repeated until the store answers. */
    public static final class RetryingCall {
        private final Semaphore wakeUps = new Semaphore(0);
        private volatile boolean cancelled;

        private RetryingCall() {}

        /** Stops repeating; no result is reported. A request in progress may still reach the store. */
        public void cancel() {
            cancelled = true;
            wake();
        }

        private void wake() {
            wakeUps.release();
        }

        private void unlessCancelled(Runnable task) {
            if (!cancelled) {
                task.run();
            }
        }

        /** @return whether it was woken before the random wait was over */
        private boolean sleep(long leastNanos, long mostNanos) {
            wakeUps.drainPermits();
            if (cancelled) {
                return true;
            }
            try {
                return wakeUps.tryAcquire(
                        ThreadLocalRandom.current().nextLong(leastNanos, mostNanos + 1), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                cancel(); // only a JVM that ends interrupts these threads
                return true;
            }
        }
    }
}
