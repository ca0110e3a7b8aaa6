package io.shoal.swarm.segments;

import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore.Listed;
import io.shoal.objectstore.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A store in memory that fails on request. Each call runs on a thread of its own, as in a worker. */
public class FailingStore implements AsyncObjectStore {
    public final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    public final AtomicInteger reads = new AtomicInteger();
    public final AtomicInteger lists = new AtomicInteger();

    /** Calls about these keys fail. */
    public volatile Predicate<String> away = key -> false;

    /** A call to the objects. */
    @FunctionalInterface
    private interface Call<T> {
        @Nullable
        T answer() throws NoSuchObjectException, StoreUnavailableException;
    }

    private static <T> CompletableFuture<T> run(Call<T> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(call.answer());
            } catch (Throwable e) { // also what a test throws
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private void check(String key) throws StoreUnavailableException {
        if (away.test(key)) {
            throw new StoreUnavailableException("away", null);
        }
    }

    private byte[] found(String key) throws NoSuchObjectException, StoreUnavailableException {
        check(key);
        byte[] object = objects.get(key);
        if (object == null) {
            throw new NoSuchObjectException(key);
        }
        return object;
    }

    @Override
    public CompletableFuture<Void> put(String key, ByteBuffer body) {
        return run(() -> {
            byte[] bytes = new byte[body.remaining()];
            body.duplicate().get(bytes);
            check(key);
            objects.put(key, bytes);
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> read(String key, long offset, ByteBuffer into) {
        return run(() -> {
            reads.incrementAndGet();
            into.put(found(key), (int) offset, into.remaining());
            return null;
        });
    }

    @Override
    public CompletableFuture<byte[]> get(String key, int limit) {
        return run(() -> found(key).clone());
    }

    @Override
    public CompletableFuture<OptionalLong> size(String key) {
        return run(() -> {
            check(key);
            byte[] object = objects.get(key);
            return object == null ? OptionalLong.empty() : OptionalLong.of(object.length);
        });
    }

    @Override
    public CompletableFuture<Void> list(String prefix, Consumer<Listed> each) {
        return run(() -> {
            check(prefix);
            lists.incrementAndGet();
            objects.tailMap(prefix).forEach((key, object) -> {
                if (key.startsWith(prefix)) {
                    each.accept(new Listed(key, object.length));
                }
            });
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> delete(Collection<String> keys) {
        List<String> deleted = List.copyOf(keys);
        return run(() -> {
            for (String key : deleted) {
                check(key);
                objects.remove(key);
            }
            return null;
        });
    }
}
