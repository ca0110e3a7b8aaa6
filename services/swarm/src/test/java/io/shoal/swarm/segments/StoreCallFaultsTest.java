package io.shoal.swarm.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fault of ours in a call to the store: no caller waits forever because of it. */
@Timeout(30)
class StoreCallFaultsTest {
    private final FailingStore store = new FailingStore();
    private final CallsFixture fixture = new CallsFixture(store, StoreCalls.Backoff.NORMAL);
    private final StoreCalls calls = fixture.calls;

    @AfterEach
    void end() {
        fixture.close();
    }

    @Test
    void theWriterIsNotified() throws Exception {
        store.away = key -> {
            throw new IllegalStateException("a mistake");
        };
        List<CompletableFuture<Integer>> puts = new ArrayList<>();
        for (int i = 0; i <= 2 * StoreCalls.WRITES; i++) { // more than may run at once: a mistake keeps nobody's place
            puts.add(put("key" + i));
        }
        for (CompletableFuture<Integer> put : puts) {
            assertThatThrownBy(() -> put.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("a mistake");
        }
        store.away = key -> false;
        assertThat(put("key").get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void allReadersOfAnExtentAreNotified() {
        CompletableFuture<Void> begin = new CompletableFuture<>();
        List<CompletableFuture<Integer>> readers = new ArrayList<>();
        try (ExtentCache extents = new ExtentCache(1 << 20, calls)) {
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Integer> reader = new CompletableFuture<>();
                readers.add(reader);
                extents.load(
                        new ExtentCache.ExtentKey("object", 0),
                        1,
                        into -> begin.thenRun(() -> {
                            throw new IllegalStateException("a mistake");
                        }),
                        new ExtentCache.Receiver() {
                            @Override
                            public void done(ByteBuf extent) {
                                reader.complete(extent.readableBytes());
                                extent.release();
                            }

                            @Override
                            public void failed(Throwable cause) {
                                reader.completeExceptionally(cause);
                            }
                        });
            }
            begin.complete(null);
            for (CompletableFuture<Integer> reader : readers) {
                assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("a mistake");
            }
        }
    }

    private CompletableFuture<Integer> put(String key) {
        RecordingCallback callback = new RecordingCallback();
        calls.put(key, into -> into.put((byte) 1), Runnable::run, callback);
        return callback.done;
    }
}
