package io.shoal.objectstore;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads of expensive values, one at a time for each key: callers that come while a read of their key runs wait for its result, or
 * for its failure. Nothing is kept of a read that has ended.
 */
public final class SharedReads<V> {
    private final Map<String, CompletableFuture<V>> running = new ConcurrentHashMap<>();

    /** Reads a value. */
    @FunctionalInterface
    public interface Read<V, E extends Exception> {
        V run() throws E;
    }

    /** Returns what {@code read} returns, or what a read of {@code key} that already runs returns. */
    public <E extends Exception> V read(String key, Read<V, E> read) throws E {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> first = running.putIfAbsent(key, mine);
        if (first != null) {
            return result(first);
        }
        try {
            V value = read.run();
            mine.complete(value);
            return value;
        } catch (Exception | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            running.remove(key, mine);
        }
    }

    /** All reads of one key fail alike, so the failure is of the type that the waiting caller declares. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <V, E extends Exception> V result(CompletableFuture<V> running) throws E {
        try {
            return running.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (E) (e.getCause() == null ? e : e.getCause());
        }
    }
}
