package io.shoal.contracts.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopWatchTest {
    private final AtomicLong nanos = new AtomicLong();
    private final LoopWatch watch = new LoopWatch(nanos::get);

    @Test
    void aLoopIsDeadWhenItWasSilentForTooLongAndAliveAgainWhenItGoesOn() {
        assertThat(watch.isAlive()).as("before its start").isTrue();
        watch.watched(
                        () -> {
                            nanos.addAndGet(LoopWatch.SILENCE.toNanos());
                            assertThat(watch.isAlive()).isTrue();
                            nanos.addAndGet(1);
                            assertThat(watch.isAlive()).isFalse();
                            watch.turned();
                            assertThat(watch.isAlive()).isTrue();
                        },
                        failure -> {})
                .run();
        nanos.addAndGet(2 * LoopWatch.SILENCE.toNanos());
        assertThat(watch.isAlive()).as("after its regular end").isTrue();
    }

    @Test
    void aLoopThatAnErrorEndsIsDeadAndTheErrorIsReported() {
        List<Throwable> reported = new ArrayList<>();
        OutOfMemoryError error = new OutOfMemoryError("of the test");
        Runnable loop = watch.watched(
                () -> {
                    throw error;
                },
                reported::add);
        assertThatThrownBy(loop::run).isSameAs(error);
        assertThat(reported).containsExactly(error);
        assertThat(watch.isAlive()).isFalse();
    }
}
