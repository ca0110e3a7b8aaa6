package io.shoal.tracker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each frame is taken once, whatever comes again. */
class ReplayWindowTest {
    private final ReplayWindow heard = new ReplayWindow();

    @Test
    void row31AFrameThatComesAgainIsKnownAndOneThatComesLateIsTaken() {
        assertThat(heard.isFirst(1, 10)).isTrue();
        assertThat(heard.isFirst(1, 10)).isFalse();
        assertThat(heard.isFirst(1, 12)).isTrue();
        assertThat(heard.isFirst(1, 11)).isTrue();
        assertThat(heard.isFirst(1, 11)).isFalse();
        assertThat(heard.isFirst(1, 10)).isFalse();
        assertThat(heard.isFirst(2, 10)).as("another sender").isTrue();
    }

    @Test
    void row31WhatIsTooLateToTellIsNotTaken() {
        heard.isFirst(1, 100);
        assertThat(heard.isFirst(1, 37)).isTrue();
        assertThat(heard.isFirst(1, 36)).isFalse();
        heard.isFirst(1, 1_000);
        assertThat(heard.isFirst(1, 100)).isFalse();
    }

    @Test
    void row31NoneIsTakenTwiceInAnyOrder() {
        SplittableRandom random = new SplittableRandom(1);
        Set<Long> taken = new HashSet<>();
        int fresh = 0;
        for (int step = 0; step < 20_000; step++) {
            long sequence = Math.max(0, step / 2 - random.nextInt(100));
            if (heard.isFirst(7, sequence)) {
                assertThat(taken.add(sequence)).as("sequence %d", sequence).isTrue();
                fresh++;
            }
        }
        assertThat(fresh).isGreaterThan(5_000);
    }

    @Test
    void memoryIsBounded() {
        for (long sender = 0; sender < 5_000; sender++) {
            heard.isFirst(sender, 3);
        }
        assertThat(heard.isFirst(4_999, 3)).isFalse();
        assertThat(heard.isFirst(0, 3)).as("forgotten long ago").isTrue();
    }
}
