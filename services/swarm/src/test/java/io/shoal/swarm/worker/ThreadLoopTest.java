package io.shoal.swarm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadLoopTest {
    @Test
    void aTaskThatFailsIsCountedAndTheNextOneRuns() throws Exception {
        try (ThreadLoop loop = new ThreadLoop("test")) {
            loop.execute(() -> {
                throw new AssertionError("a mistake");
            });
            loop.schedule(Duration.ofMillis(1), () -> {
                throw new IllegalStateException("another");
            });
            CompletableFuture<Boolean> done = new CompletableFuture<>();
            loop.schedule(Duration.ofMillis(100), () -> done.complete(loop.isCurrent()));
            assertThat(done.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.isCurrent()).isFalse();
            assertThat(loop.failures()).isEqualTo(2);
        }
    }
}
