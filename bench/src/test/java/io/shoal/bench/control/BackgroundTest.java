package io.shoal.bench.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BackgroundTest {
    @Test
    void itWorksUntilItIsClosed() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        CountDownLatch working = new CountDownLatch(1);
        Background work = Background.start("waiting", ending -> {
            while (!ending.getAsBoolean()) {
                working.countDown();
                Thread.onSpinWait();
            }
            ended.set(true);
        });
        working.await();
        assertThat(ended).isFalse();
        work.close();
        work.check();
        assertThat(ended).isTrue();
    }

    @Test
    void aFailureIsThrownWithItsCause() {
        Background work = Background.start("writing", ending -> {
            throw new IOException("no disk");
        });
        work.close();
        assertThatThrownBy(work::check)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("writing has failed")
                .hasMessageContaining("no disk")
                .hasRootCauseMessage("no disk");
    }
}
