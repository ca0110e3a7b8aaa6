package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import org.junit.jupiter.api.Test;

/** What a new owner continues from. */
class PastTotalsTest {
    private static final String KEY = "key";

    private final PastTotals past = new PastTotals();

    private static StatusRecord status(long gen, long epoch, Totals totals) {
        return FakeSlice.status(gen, 1, State.SEEDING, 3).with(totals).toRecord("before", epoch);
    }

    private void add(String key, long gen, long epoch, Totals totals) {
        past.add(new ProgressRecord.Slice(
                key,
                new Generation(gen),
                epoch,
                totals,
                new ProgressRecord.Rates(1, 1),
                new ProgressRecord.Peers(1, 1, 1)));
    }

    @Test
    void theLargerTotalsOfTheGenerationHoldFieldByField() {
        add(KEY, 7, 2, new Totals(5, 600, 7, 80, 9L));
        add(KEY, 7, 2, new Totals(50, 60, 7, 80, 9L));
        add(KEY, 6, 9, new Totals(9_000, 9_000, 9_000, 9_000, null));
        add("another", 7, 2, new Totals(9_000, 9_000, 9_000, 9_000, null));
        StatusRecord status = past.addedTo(KEY, status(7, 2, new Totals(40, 70, 8, 10, 11L)));
        assertThat(status.totals()).isEqualTo(new Totals(50, 600, 8, 80, 11L));
        assertThat(status.stored().contains(3)).isTrue();
        assertThat(status.worker()).isEqualTo("before");
    }

    @Test
    void entriesOfAnotherGenerationOrOfNoneChangeNoTotals() {
        Totals totals = new Totals(1, 2, 3, 4, null);
        assertThat(past.addedTo(KEY, status(7, 2, totals))).isEqualTo(status(7, 2, totals));
        add(KEY, 8, 1, new Totals(9_000, 9_000, 9_000, 9_000, null));
        assertThat(past.addedTo(KEY, status(7, 2, totals))).isEqualTo(status(7, 2, totals));
    }

    @Test
    void anOwnerWhoseClaimWasNotDeliveredCountsToo() {
        add(KEY, 7, 4, new Totals(10, 0, 0, 0, null));
        StatusRecord status = past.addedTo(KEY, status(7, 3, Totals.ZERO));
        assertThat(status.epoch()).as("so that the next one's is higher").isEqualTo(4);
        assertThat(status.totals().down()).isEqualTo(10);
    }
}
