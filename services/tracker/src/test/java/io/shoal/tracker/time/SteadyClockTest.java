package io.shoal.tracker.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private final AtomicLong wall = new AtomicLong(1_800_000_000_000L);
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final SteadyClock clock = new SteadyClock(wall::get, nanos::get);

    @Test
    void row19AStepOfTheWallClockIsNotSeenAtOnceAndIsMadeGoodSlowly() {
        for (long step : new long[] {3_600_000, -3_600_000}) {
            wall.addAndGet(step);
            long away = Math.abs(wall.get() - clock.getAsLong());
            for (int second = 0; second < 100; second++) {
                long before = clock.getAsLong();
                pass(1_000);
                clock.slew();
                assertThat(clock.getAsLong() - before).isBetween(990L, 1_010L);
            }
            assertThat(Math.abs(wall.get() - clock.getAsLong())).isEqualTo(away - 1_000);
        }
    }

    @Test
    void itFollowsAWallClockThatRunsALittleFaster() {
        for (int second = 0; second < 1_000; second++) {
            pass(1_000);
            wall.addAndGet(5);
            clock.slew();
        }
        assertThat(clock.getAsLong()).isEqualTo(wall.get());
    }

    private void pass(long millis) {
        wall.addAndGet(millis);
        nanos.addAndGet(millis * 1_000_000);
    }
}
