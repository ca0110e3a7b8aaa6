package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the worker has read from the store lately, in extents of 1 MiB: peers request blocks of 16 KiB, mostly in order,
 * and several peers request the same. One extent is read once, however many readers wait for it; the least recently
 * used are evicted above the capacity. Outside of the heap.
 *
 * <p>Any thread may use it; one lock guards the maps, and no method blocks while it holds the lock. A returned buffer
 * must be released by the receiver, and outlives its eviction.
 */
public final class ExtentCache implements AutoCloseable {
    /** Bytes of an extent; the last one of an object may be shorter. */
    public static final int BYTES = 1 << 20;

    /**
     * Identifies an extent.
     *
     * @param object key under which its bytes are, or were before they were assembled into another object
     */
    record ExtentKey(String object, int extent) {}

    /** Reads from the store. */
    interface Loader {
        void load(ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException;
    }

    /** Receives the result, on any thread. */
    interface Receiver {
        void done(ByteBuf extent);

        void failed(Exception cause);
    }

    private final long capacity;
    private final StoreCalls calls;
    private final LinkedHashMap<ExtentKey, ByteBuf> extents = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<ExtentKey, List<Receiver>> pending = new HashMap<>();
    private long bytes;
    private long hits;
    private long misses;
    private boolean closed;

    /** @param capacity the most bytes that it keeps */
    public ExtentCache(long capacity, StoreCalls calls) {
        this.capacity = capacity;
        this.calls = calls;
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
        synchronized (this) {
            found = extents.get(key);
            if (found != null) {
                found = found.retainedDuplicate();
            } else {
                List<Receiver> waiting = pending.get(key);
                if (waiting != null) {
                    waiting.add(receiver);
                    return;
                }
                pending.put(key, new ArrayList<>(List.of(receiver)));
            }
        }
        if (found != null) {
            receiver.done(found);
        } else {
            calls.start(() -> fetch(key, length, loader));
        }
    }

    private void fetch(ExtentKey key, int length, Loader loader) {
        ByteBuf extent = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
        try {
            calls.read(() -> {
                loader.load(extent.nioBuffer(0, length));
                return length;
            });
            extent.writerIndex(length);
            calls.counters().reads.increment();
            calls.counters().bytesRead.add(length);
        } catch (NoSuchObjectException | StoreUnavailableException | IOException | RuntimeException e) {
            // Whatever the failure is, the waiting readers must be notified.
            extent.release();
            takeWaiting(key).forEach(receiver -> receiver.failed(e));
            return;
        }
        List<Receiver> waiting;
        List<ByteBuf> shares = new ArrayList<>();
        synchronized (this) {
            waiting = takeWaiting(key);
            waiting.forEach(receiver -> shares.add(extent.retainedDuplicate()));
            put(key, extent);
        }
        for (int i = 0; i < waiting.size(); i++) {
            waiting.get(i).done(shares.get(i));
        }
    }

    private synchronized List<Receiver> takeWaiting(ExtentKey key) {
        List<Receiver> waiting = pending.remove(key);
        return waiting == null ? List.of() : waiting;
    }

    private void put(ExtentKey key, ByteBuf extent) {
        if (closed) {
            extent.release();
            return;
        }
        extents.put(key, extent);
        bytes += extent.capacity();
        Iterator<ByteBuf> oldest = extents.values().iterator();
        while (bytes > capacity && oldest.hasNext()) {
            ByteBuf evicted = oldest.next();
            oldest.remove();
            bytes -= evicted.capacity();
            evicted.release();
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
