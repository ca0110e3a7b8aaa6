package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Whether what is read may be older than what tenants could know. */
class FreshnessTest {
    private static final TopicPartition PARTITION = new TopicPartition("shoal.status", 0);

    private final Freshness freshness = new Freshness();
    private long position;

    private void asked(long end) {
        freshness.asked(Map.of(PARTITION, end), partition -> position);
    }

    private boolean isFresh() {
        return freshness.isFresh(partition -> position);
    }

    @Test
    void aReaderIsFreshOnceItHasReachedTheEnds() {
        assertThat(isFresh()).isFalse();
        asked(10);
        position = 9;
        assertThat(isFresh()).isFalse();
        position = 10;
        assertThat(isFresh()).isTrue();
    }

    @Test
    void aReaderThatKeepsUpStaysFreshThoughThereIsAlwaysMore() {
        asked(10);
        for (int question = 2; question < 10; question++) {
            position = 10L * question - 5;
            asked(10L * question);
            assertThat(isFresh()).isTrue();
        }
    }

    @Test
    void aReaderThatFallsBehindIsNotFreshAnyMore() {
        asked(10);
        position = 10;
        assertThat(isFresh()).isTrue();
        asked(10_000);
        assertThat(isFresh()).as("it may have kept up until now").isTrue();
        position = 500;
        asked(20_000);
        assertThat(isFresh()).isFalse();
        position = 20_000;
        assertThat(isFresh()).isTrue();
    }

    @Test
    void withoutAnAnswerItIsNotFresh() {
        asked(10);
        position = 10;
        assertThat(isFresh()).isTrue();
        freshness.asked(Map.of(), partition -> position);
        assertThat(isFresh()).isFalse();
    }
}
