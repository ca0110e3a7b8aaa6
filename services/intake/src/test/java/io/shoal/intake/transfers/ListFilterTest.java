package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Filters of lists. */
class ListFilterTest {
    /** Cursors are bound to the text of a filter: in another order, every other replica would refuse them. */
    @Test
    void equalFiltersReadTheSameInEveryProcess() {
        List<TransferState> all = List.of(TransferState.values());
        for (int size = 0; size <= all.size(); size++) {
            List<TransferState> some = all.subList(0, size);
            assertThat(new ListFilter(Set.copyOf(some), null, null, null).states())
                    .containsExactlyElementsOf(some);
        }
        assertThat(new ListFilter(EnumSet.allOf(TransferState.class), null, null, null).toString())
                .contains("states=" + Arrays.toString(TransferState.values()));
    }
}
