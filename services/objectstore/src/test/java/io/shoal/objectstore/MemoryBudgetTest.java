package io.shoal.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    @Test
    void aReservationBeyondTheBudgetIsRefusedUntilAnotherEnds() {
        MemoryBudget budget = new MemoryBudget(4 << 20, 0);
        String inner = budget.with(1 << 10, () -> {
            assertThatThrownBy(() -> budget.with(4 << 20, () -> "both"))
                    .isInstanceOf(MemoryBudget.ExhaustedException.class);
            return budget.with(1 << 10, () -> "small ones fit beside");
        });
        assertThat(inner).isEqualTo("small ones fit beside");
        assertThat(budget.<String, RuntimeException>with(4 << 20, () -> "alone"))
                .isEqualTo("alone");
    }

    @Test
    void aCostBeyondTheBudgetIsGrantedAlone() {
        MemoryBudget budget = new MemoryBudget(1, 0);
        assertThat(budget.<Integer, RuntimeException>with(32 << 20, () -> 1)).isEqualTo(1);
    }

    @Test
    void whatFailsGivesItsReservationBack() {
        MemoryBudget budget = new MemoryBudget(1, 0);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> budget.with(1, () -> {
                        throw new IllegalStateException("use");
                    }))
                    .hasMessage("use");
        }
    }
}
