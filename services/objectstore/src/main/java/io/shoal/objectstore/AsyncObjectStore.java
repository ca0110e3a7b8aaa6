package io.shoal.objectstore;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The part of an {@link ObjectStore} that workers use, without blocking: every method returns at once. A worker that
 * waits for the store only through this type can run in a simulation, in one thread with a clock of its own.
 *
 * <p>A future completes on any thread, also before its method returns, and fails with {@link NoSuchObjectException} or
 * {@link StoreUnavailableException} as in {@link ObjectStore}, with anything else for a fault of ours. Every future
 * completes. How many calls run at once is bounded by the caller. A buffer belongs to the call until its future has
 * completed.
 */
public interface AsyncObjectStore {
    /** Writes one object of the remaining bytes of {@code body}, whose position does not change. */
    CompletableFuture<Void> put(String key, ByteBuffer body);

    /** Fills {@code into} with bytes of the object from {@code offset}; they must be there. */
    CompletableFuture<Void> read(String key, long offset, ByteBuffer into);

    /** Returns the whole object, which must not be larger than {@code limit} bytes. */
    CompletableFuture<byte[]> get(String key, int limit);

    /** Returns the size of the object in bytes; empty if it does not exist. */
    CompletableFuture<OptionalLong> size(String key);

    /**
     * Passes every object whose key begins with {@code prefix} to {@code each}, in the order of keys, on one thread at
     * a time, and completes after the last.
     */
    CompletableFuture<Void> list(String prefix, Consumer<ObjectStore.Listed> each);

    /** Deletes these objects; objects that do not exist are ignored. */
    CompletableFuture<Void> delete(Collection<String> keys);
}
