package io.shoal.swarm.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that becomes unavailable and available again. */
class StoreCallsTest {
    /** After eight failures it waits for 2.5 s at least. */
    private static final StoreCalls.Backoff PATIENCE =
            new StoreCalls.Backoff(Duration.ofMillis(20), Duration.ofMinutes(10));

    private static final int FAILURES = 9;

    private final FailingStore store = new FailingStore();
    private final CallsFixture fixture = new CallsFixture(store, PATIENCE);
    private final StoreCalls calls = fixture.calls;

    @AfterEach
    void end() {
        fixture.close();
    }

    private RecordingCallback put(String key) {
        RecordingCallback callback = new RecordingCallback();
        calls.put(key, into -> into.put(new byte[5]), Runnable::run, callback);
        return callback;
    }

    @Test
    void aSuccessfulCallWakesCallsThatWait() throws Exception {
        store.away = key -> true;
        RecordingCallback old = put("old");
        await().until(() -> calls.counters().failures() >= FAILURES);

        RecordingCallback fresh = put("fresh");
        await().pollInterval(Duration.ofMillis(1)).until(() -> fresh.delays.get() > 0);
        store.away = key -> false;
        assertThat(fresh.done.get(10, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(old.done.get(1, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(old.delays).hasValue(1);
        assertThat(ByteBuffer.wrap(store.objects.get("old")).remaining()).isEqualTo(5);
    }

    /** One that cannot be written while others can is not tried at their pace. */
    @Test
    void aCallThatNeverFailedWakesNoOther() throws Exception {
        store.away = key -> key.equals("cursed");
        put("cursed");
        await().until(() -> calls.counters().failures() >= FAILURES);
        for (int i = 0; i < 100; i++) {
            put("fine-" + i).done.get(10, TimeUnit.SECONDS);
        }
        assertThat(calls.counters().failures()).isEqualTo(FAILURES);
    }

    @Test
    void aCallThatIsCancelledBeforeItsTurnWritesNothing() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        store.away = key -> {
            awaitUninterrupted(held);
            return false;
        };
        List<RecordingCallback> first = new ArrayList<>();
        for (int i = 0; i < StoreCalls.WRITES; i++) {
            first.add(put("first-" + i));
        }
        RecordingCallback cancelled = new RecordingCallback();
        calls.put("cancelled", into -> into.put((byte) 1), Runnable::run, cancelled)
                .cancel();
        RecordingCallback last = put("last");
        held.countDown();
        for (RecordingCallback each : first) {
            each.done.get(10, TimeUnit.SECONDS);
        }
        last.done.get(10, TimeUnit.SECONDS);
        await("it has ended").until(cancelled.done::isCompletedExceptionally);
        assertThat(store.objects).containsKeys("first-0", "last").doesNotContainKey("cancelled");
        await("all permits are back").until(() -> onLoop(calls::pending) == 0);
    }

    private <T> T onLoop(Supplier<T> question) {
        return CompletableFuture.supplyAsync(question, fixture.loop).join();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
