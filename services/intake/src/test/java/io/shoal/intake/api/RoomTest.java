package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What comes without a length and fills the whole budget, as where the heap is small. */
class RoomTest {
    private final BodyBudget budget = new BodyBudget(2 * BodyBudget.SMALL, 1, Duration.ofMillis(10));

    private long read(int length) throws IOException {
        try (RequestBodies.Room room = new RequestBodies.Room(budget.open(null), budget.capacity())) {
            return room.read(new ByteArrayInputStream(new byte[length]), room.capacity())
                    .length();
        }
    }

    @Test
    void whatFillsTheWholeBudgetIsTaken() throws IOException {
        assertThat(read(budget.capacity() - 1)).isEqualTo(budget.capacity() - 1);
        assertThat(read(budget.capacity())).isEqualTo(budget.capacity());
    }

    @Test
    void whatIsLargerThanTheBudgetIsTooLargeAndNotToBeSentAgain() {
        assertThatThrownBy(() -> read(budget.capacity() + 1))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(ProblemKind.TOO_LARGE));
    }
}
