package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the worker has read from the store lately, in extents of 1 MiB: peers request blocks of 16 KiB, mostly in order,
 * and several peers request the same. One extent is read once, however many readers wait for it; the least recently
 * used are evicted above the capacity. Outside of the heap.
 *
 * <p>Invariant: cached extents and those that are being read have at most the capacity and {@link StoreCalls#READS}
 * extents together. A read that waits for its turn holds no memory, at most {@link #QUEUE} wait, and an extent whose
 * bytes are still being sent is not evicted; a read beyond these bounds fails at once. Every read ends: whatever ends
 * it, its readers are notified, and the next read of that extent starts afresh.
 *
 * <p>Any thread may use it; one lock guards the maps, and no method blocks while it holds the lock. A returned buffer
 * must be released by the receiver, and outlives the cache.
 */
public final class ExtentCache implements AutoCloseable {
    /** Bytes of an extent; the last one of an object may be shorter. */
    public static final int BYTES = 1 << 20;

    /**
     * Reads that wait for their turn. With {@link StoreCalls#READS} at once, the last one is served after 16 others: a
     * peer would not wait much longer for a block.
     */
    static final int QUEUE = 16 * StoreCalls.READS;

    /**
     * Identifies an extent.
     *
     * @param object key under which its bytes are, or were before they were assembled into another object
     */
    record ExtentKey(String object, int extent) {}

    /** Reads from the store; the buffer is the loader's until its future has completed. */
    interface Loader {
        CompletableFuture<Void> load(ByteBuffer into);
    }

    /** Receives the result, on any thread. */
    interface Receiver {
        void done(ByteBuf extent);

        void failed(Throwable cause);
    }

    /** One read, and the readers that wait for it. */
    private record Flight(ExtentKey key, int length, Loader loader, List<Receiver> readers) {}

    private static final Logger LOG = LoggerFactory.getLogger(ExtentCache.class);

    private final long capacity;
    private final StoreCalls calls;
    private final IntFunction<ByteBuf> memory;
    private final LinkedHashMap<ExtentKey, ByteBuf> extents = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<ExtentKey, Flight> flights = new HashMap<>();
    private final Deque<Flight> queue = new ArrayDeque<>();
    private int active;
    private long bytes;
    private long hits;
    private long misses;
    private boolean closed;

    /** @param capacity the most bytes that it keeps */
    public ExtentCache(long capacity, StoreCalls calls) {
        this(capacity, calls, length -> PooledByteBufAllocator.DEFAULT.directBuffer(length, length));
    }

    /** @param memory allocates an extent of a length */
    public ExtentCache(long capacity, StoreCalls calls, IntFunction<ByteBuf> memory) {
        this.capacity = capacity;
        this.calls = calls;
        this.memory = memory;
    }

    /** Returns the extent if it is cached. */
    synchronized @Nullable ByteBuf cached(ExtentKey key) {
        ByteBuf found = extents.get(key);
        if (found == null) {
            misses++;
            return null;
        }
        hits++;
        return found.retainedDuplicate();
    }

    /** Reads the extent, {@code length} bytes long, or joins the readers that wait for it. */
    void load(ExtentKey key, int length, Loader loader, Receiver receiver) {
        ByteBuf found;
        boolean refused = false;
        Flight begun = null;
        synchronized (this) {
            found = extents.get(key);
            Flight joined = flights.get(key);
            if (found != null) {
                found = found.retainedDuplicate();
            } else if (joined != null) {
                joined.readers.add(receiver);
            } else if (active < StoreCalls.READS || queue.size() < QUEUE) {
                Flight flight = new Flight(key, length, loader, new ArrayList<>(List.of(receiver)));
                flights.put(key, flight);
                if (active < StoreCalls.READS) {
                    active++;
                    begun = flight;
                } else {
                    queue.add(flight);
                }
            } else {
                refused = true;
            }
        }
        if (found != null) {
            receiver.done(found);
        } else if (refused) {
            receiver.failed(new IOException("too many reads wait for the store"));
        } else if (begun != null) {
            start(begun);
        }
    }

    private void start(Flight flight) {
        CompletableFuture<ByteBuf> read;
        try {
            read = calls.read(() -> fetch(flight));
        } catch (Throwable e) { // the loop takes no task any more
            read = CompletableFuture.failedFuture(e);
        }
        var _ = read.whenComplete((extent, failure) -> {
            if (failure == null) {
                land(flight, extent);
            } else {
                fail(flight, CallPermits.cause(failure));
            }
            Flight next = next();
            if (next != null) {
                start(next);
            }
        });
    }

    /** Ends one read, and returns the one whose turn it is. */
    private synchronized @Nullable Flight next() {
        Flight next = queue.poll();
        if (next == null) {
            active--;
        }
        return next;
    }

    private CompletableFuture<ByteBuf> fetch(Flight flight) {
        try {
            reserve();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        ByteBuf extent = memory.apply(flight.length);
        CompletableFuture<Void> loaded;
        try {
            loaded = flight.loader.load(extent.nioBuffer(0, flight.length));
        } catch (Throwable e) { // whatever the failure is, its readers are notified
            loaded = CompletableFuture.failedFuture(e);
        }
        return loaded.handle((nothing, failure) -> {
            if (failure != null) {
                extent.release();
                throw new CompletionException(CallPermits.cause(failure));
            }
            calls.counters().reads.increment();
            calls.counters().bytesRead.add(flight.length);
            return extent.writerIndex(flight.length);
        });
    }

    /** Ensures that there is room for what is being read beside what is cached. */
    private synchronized void reserve() throws IOException {
        evictToCapacity();
        if (bytes > capacity) {
            throw new IOException("peers are still being sent all that is cached");
        }
    }

    private void land(Flight flight, ByteBuf extent) {
        List<Receiver> readers;
        List<ByteBuf> shares = new ArrayList<>();
        synchronized (this) {
            flights.remove(flight.key);
            readers = flight.readers;
            readers.forEach(receiver -> shares.add(extent.retainedDuplicate()));
            if (closed) {
                extent.release();
            } else {
                extents.put(flight.key, extent);
                bytes += extent.capacity();
                evictToCapacity();
            }
        }
        for (int i = 0; i < readers.size(); i++) {
            Receiver reader = readers.get(i);
            ByteBuf share = shares.get(i);
            notifyReader(flight, () -> reader.done(share));
        }
    }

    private void fail(Flight flight, Throwable cause) {
        List<Receiver> readers;
        synchronized (this) {
            flights.remove(flight.key);
            readers = flight.readers;
        }
        readers.forEach(reader -> notifyReader(flight, () -> reader.failed(cause)));
    }

    /** One reader's fault is not another's. */
    private static void notifyReader(Flight flight, Runnable notification) {
        try {
            notification.run();
        } catch (RuntimeException e) {
            LOG.error("A reader of {} failed", flight.key, e);
        }
    }

    private synchronized void evictToCapacity() {
        Iterator<ByteBuf> oldest = extents.values().iterator();
        while (bytes > capacity && oldest.hasNext()) {
            ByteBuf extent = oldest.next();
            if (extent.refCnt() == 1) { // otherwise its memory would not become free
                oldest.remove();
                bytes -= extent.capacity();
                extent.release();
            }
        }
    }

    /** Returns the bytes that are cached now. */
    public synchronized long bytes() {
        return bytes;
    }

    /** Returns how often a requested extent was cached. */
    public synchronized long hits() {
        return hits;
    }

    /** Returns how often it was not. */
    public synchronized long misses() {
        return misses;
    }

    @Override
    public synchronized void close() {
        closed = true;
        extents.values().forEach(ByteBuf::release);
        extents.clear();
        bytes = 0;
    }
}
