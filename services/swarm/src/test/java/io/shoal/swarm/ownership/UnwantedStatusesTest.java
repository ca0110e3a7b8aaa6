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

    @Test
    void aStatusIsRemovedAfterAWhileAndAgainUntilThatWasRead() {
        statuses.add(key(1));
        assertThat(statuses.due(0)).isEmpty();
        statuses.add(key(1));
        assertThat(statuses.due(DELAY - 1)).isEmpty();
        assertThat(statuses.due(DELAY)).isEqualTo(List.of(key(1)));
        assertThat(statuses.due(DELAY + RETRY - 1)).isEmpty();
        assertThat(statuses.due(DELAY + RETRY)).isEqualTo(List.of(key(1)));
        statuses.remove(key(1));
        assertThat(statuses.due(DELAY + 2 * RETRY)).isEmpty();
    }

    @Test
    void manyTakeTurns() {
        for (int i = 0; i < UnwantedStatuses.AT_ONCE + 1; i++) {
            statuses.add(key(i));
        }
        statuses.due(0);
        assertThat(statuses.due(DELAY)).hasSize(UnwantedStatuses.AT_ONCE);
        assertThat(statuses.due(DELAY)).hasSize(1);
    }
}
