package io.shoal.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every future completes, with the answer or with what the blocking call has thrown. */
@Timeout(30)
class VirtualThreadStoreTest {
    /** Answers one call of a blocking store. */
    @FunctionalInterface
    private interface Answer {
        Object to(String method, Object[] arguments) throws Throwable;
    }

    private static AsyncObjectStore store(Answer answer) {
        return new VirtualThreadStore((ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> answer.to(method.getName(), arguments)));
    }

    @Test
    void theCallerIsNotBlocked() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        AsyncObjectStore store = store((method, arguments) -> {
            held.await();
            return OptionalLong.of(7);
        });
        CompletableFuture<OptionalLong> size = store.size("key");
        assertThat(size).isNotDone();
        held.countDown();
        assertThat(size.get(20, TimeUnit.SECONDS)).hasValue(7);
    }

    @Test
    void failuresAreThoseOfTheBlockingStore() {
        for (Throwable failure : List.of(
                new StoreUnavailableException("away", null),
                new IllegalStateException("a mistake"),
                new OutOfMemoryError("none left"))) {
            AsyncObjectStore store = store((method, arguments) -> {
                throw failure;
            });
            for (CompletableFuture<?> answer : List.of(
                    store.put("key", ByteBuffer.allocate(1)),
                    store.read("key", 0, ByteBuffer.allocate(1)),
                    store.get("key", 1),
                    store.size("key"),
                    store.list("key", listed -> {}),
                    store.delete(List.of("key")))) {
                assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCause(failure);
            }
        }
    }

    @Test
    void aMissingObjectIsReportedAsSuch() {
        NoSuchObjectException missing = new NoSuchObjectException("key");
        AsyncObjectStore store = store((method, arguments) -> {
            throw missing;
        });
        assertThatThrownBy(() -> store.read("key", 0, ByteBuffer.allocate(1)).get(20, TimeUnit.SECONDS))
                .hasCause(missing);
    }
}
