package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.topics.SliceKey;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UnwantedStatusesTest {
    private static final long DELAY = UnwantedStatuses.DELAY.toNanos();
    private static final long RETRY = UnwantedStatuses.RETRY.toNanos();

    private final UnwantedStatuses statuses = new UnwantedStatuses();

    private static SliceKey key(int number) {
        return new SliceKey.OfResolve(new UUID(0, number));
    }

    private List<SliceKey> due(long now) {
        return statuses.due(now, UnwantedStatuses.AT_ONCE);
    }

    @Test
    void aStatusIsRemovedAfterAWhileAndAgainUntilThatWasRead() {
        statuses.add(key(1));
        assertThat(due(0)).isEmpty();
        statuses.add(key(1));
        assertThat(due(DELAY - 1)).isEmpty();
        assertThat(due(DELAY)).isEqualTo(List.of(key(1)));
        assertThat(due(DELAY + RETRY - 1)).isEmpty();
        assertThat(due(DELAY + RETRY)).isEqualTo(List.of(key(1)));
        statuses.remove(key(1));
        assertThat(due(DELAY + 2 * RETRY)).isEmpty();
    }

    @Test
    void manyTakeTurns() {
        for (int i = 0; i < UnwantedStatuses.AT_ONCE + 1; i++) {
            statuses.add(key(i));
        }
        due(0);
        assertThat(due(DELAY)).hasSize(UnwantedStatuses.AT_ONCE);
        assertThat(due(DELAY)).hasSize(1);
    }

    @Test
    void whatKafkaRefusesIsDueAtOnceUnlessItIsWantedAgain() {
        statuses.add(key(1));
        statuses.add(key(2));
        due(0);
        List<SliceKey> refused = due(DELAY);
        statuses.remove(key(1));
        statuses.refused(refused, DELAY);
        assertThat(due(DELAY)).isEqualTo(List.of(key(2)));
    }
}
