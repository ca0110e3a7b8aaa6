package io.shoal.bittorrent.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Limits;
import org.junit.jupiter.api.Test;

class ParseBudgetTest {
    @Test
    void aReservationBeyondTheBudgetIsRefusedUntilAnotherEnds() {
        ParseBudget budget = new ParseBudget(4 << 20, 0);
        String inner = budget.with(1 << 10, () -> {
            assertThatThrownBy(() -> budget.with(4 << 20, () -> "both"))
                    .isInstanceOf(ParseBudget.ExhaustedException.class);
            return budget.with(1 << 10, () -> "small ones fit beside");
        });
        assertThat(inner).isEqualTo("small ones fit beside");
        assertThat(budget.<String, RuntimeException>with(4 << 20, () -> "alone"))
                .isEqualTo("alone");
    }

    @Test
    void theLargestInfoDictionaryIsReadAloneByTheSmallestBudget() {
        ParseBudget budget = new ParseBudget(1, 0);
        assertThat(budget.<Integer, RuntimeException>with(Limits.INFO_BYTES, () -> 1))
                .isEqualTo(1);
    }

    @Test
    void whatFailsGivesItsReservationBack() {
        ParseBudget budget = new ParseBudget(1, 0);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> budget.with(1, () -> {
                        throw new IllegalStateException("use");
                    }))
                    .hasMessage("use");
        }
    }
}
