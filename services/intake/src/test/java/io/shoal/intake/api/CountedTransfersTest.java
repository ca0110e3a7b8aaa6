package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.intake.transfers.TransferCounts.Counts;
import io.shoal.intake.transfers.VisibleLibrary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How often a library is counted. */
class CountedTransfersTest {
    private static final Counts COUNTS = new Counts(Map.of(), Map.of(), 0, List.of(), false);

    private final VisibleLibrary library = VisibleLibrary.whole(UUID.randomUUID());
    private long nanos;
    private final CountedTransfers counted = new CountedTransfers(this::count, () -> nanos);
    private int countings;
    private Duration takes = Duration.ZERO;
    private Supplier<Counts> result = () -> COUNTS;

    private Counts count(VisibleLibrary of) {
        countings++;
        pass(takes);
        return result.get();
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void countsAreKeptForTwentyTimesTheTimeThatTheyTook() {
        takes = Duration.ofSeconds(1);
        assertThat(counted.of(library)).isEqualTo(COUNTS);
        pass(Duration.ofSeconds(19));
        assertThat(counted.of(library)).isEqualTo(COUNTS);
        assertThat(countings).isEqualTo(1);
        pass(Duration.ofSeconds(2));
        assertThat(counted.of(library)).isEqualTo(COUNTS);
        assertThat(countings).isEqualTo(2);
    }

    @Test
    void aCountingThatFailedIsKeptAsLong() {
        takes = Duration.ofSeconds(5);
        result = () -> {
            throw new IllegalStateException("it took too long");
        };
        for (int request = 0; request < 10; request++) {
            assertThatThrownBy(() -> counted.of(library)).hasMessage("it took too long");
            pass(Duration.ofSeconds(9));
        }
        assertThat(countings).isEqualTo(1);
        pass(Duration.ofSeconds(11));
        result = () -> COUNTS;
        assertThat(counted.of(library)).isEqualTo(COUNTS);
        assertThat(countings).isEqualTo(2);
    }

    @Test
    void anErrorIsNotKeptAndNothingWaitsForIt() {
        result = () -> {
            throw new AssertionError("a fault");
        };
        assertThatThrownBy(() -> counted.of(library)).hasMessage("a fault");
        result = () -> COUNTS;
        assertThat(counted.of(library)).isEqualTo(COUNTS);
    }
}
