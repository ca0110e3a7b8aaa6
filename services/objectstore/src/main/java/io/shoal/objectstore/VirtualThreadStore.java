package io.shoal.objectstore;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Makes a blocking store asynchronous: each call runs on a virtual thread of its own, on which its future completes.
 * The caller bounds how many run at once.
 */
public final class VirtualThreadStore implements AsyncObjectStore {
    private final ObjectStore store;

    public VirtualThreadStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public CompletableFuture<Void> put(String key, ByteBuffer body) {
        return run(() -> store.put(key, body));
    }

    @Override
    public CompletableFuture<Void> read(String key, long offset, ByteBuffer into) {
        return run(() -> store.read(key, offset, into));
    }

    @Override
    public CompletableFuture<byte[]> get(String key, int limit) {
        return call(() -> store.get(key, limit));
    }

    @Override
    public CompletableFuture<OptionalLong> size(String key) {
        return call(() -> store.size(key));
    }

    @Override
    public CompletableFuture<Void> list(String prefix, Consumer<ObjectStore.Listed> each) {
        return run(() -> store.list(prefix, each));
    }

    @Override
    public CompletableFuture<Void> delete(Collection<String> keys) {
        Collection<String> deleted = List.copyOf(keys);
        return run(() -> store.delete(deleted));
    }

    /** A call without an answer. */
    @FunctionalInterface
    private interface BlockingCall {
        void run() throws NoSuchObjectException, StoreUnavailableException;
    }

    private static CompletableFuture<Void> run(BlockingCall task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        start(done, () -> {
            task.run();
            done.complete(null);
        });
        return done;
    }

    private static <T> CompletableFuture<T> call(Callable<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        start(answer, () -> answer.complete(task.call()));
        return answer;
    }

    /** A task that completes the future unless it throws. */
    @FunctionalInterface
    private interface Completing {
        void run() throws Exception;
    }

    private static void start(CompletableFuture<?> answer, Completing task) {
        try {
            Thread.ofVirtual().name("store").start(() -> {
                try {
                    task.run();
                } catch (Throwable e) { // whatever it is, the caller must be notified
                    answer.completeExceptionally(e);
                }
            });
        } catch (Throwable e) { // the thread could not be created
            answer.completeExceptionally(e);
        }
    }
}
