package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.DemandRecord.Inspect;
import io.shoal.contracts.topics.SliceKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which swarms are looked at, and until when, by a clock that the test turns. */
class InspectionsTest {
    private static final SliceKey KEY = OwnershipTest.key();

    private long now = 1_790_000_000_000L;
    private final Inspections inspections = new Inspections(() -> now);

    private void ask(SliceKey key, long gen, Duration until) {
        inspections.add(key, 3, new Inspect(1, new Generation(gen), now + until.toMillis()));
    }

    private void pass(Duration time) {
        now += time.toMillis();
    }

    @Test
    void aDemandLapsesUnlessItIsRenewed() {
        ask(KEY, 1, Duration.ofSeconds(15));
        pass(Duration.ofSeconds(14));
        assertThat(inspections.inForce()).hasSize(1);
        ask(KEY, 1, Duration.ofSeconds(15));
        pass(Duration.ofSeconds(14));
        assertThat(inspections.inForce()).hasSize(1);
        pass(Duration.ofSeconds(1));
        assertThat(inspections.inForce()).isEmpty();
    }

    @Test
    void noDemandLastsLongerThanItMay() {
        ask(KEY, 1, Duration.ofDays(365));
        pass(Inspect.LONGEST.minusMillis(1));
        assertThat(inspections.inForce()).hasSize(1);
        pass(Duration.ofMillis(1));
        assertThat(inspections.inForce()).isEmpty();
    }

    @Test
    void whatHasLapsedOrIsOfAnOldGenerationChangesNothing() {
        ask(KEY, 1, Duration.ZERO);
        assertThat(inspections.inForce()).isEmpty();
        ask(KEY, 2, Duration.ofSeconds(15));
        ask(KEY, 1, Duration.ofSeconds(20));
        ask(KEY, 2, Duration.ofSeconds(5));
        assertThat(inspections.inForce()).singleElement().satisfies(inspection -> {
            assertThat(inspection.gen()).isEqualTo(new Generation(2));
            assertThat(inspection.until()).isEqualTo(now + 15_000);
        });
        ask(KEY, 3, Duration.ofSeconds(5));
        assertThat(inspections.inForce().getFirst().gen()).isEqualTo(new Generation(3));
    }

    @Test
    void theirNumberIsBoundedAndThoseInForceStay() {
        ask(KEY, 1, Duration.ofSeconds(30));
        for (int i = 1; i < Inspections.MOST; i++) {
            ask(OwnershipTest.key(), 1, Duration.ofSeconds(15));
        }
        SliceKey late = OwnershipTest.key();
        ask(late, 1, Duration.ofSeconds(15));
        assertThat(inspections.inForce())
                .hasSize(Inspections.MOST)
                .extracting(Inspections.Inspection::key)
                .contains(KEY)
                .doesNotContain(late);
        pass(Duration.ofSeconds(16));
        ask(late, 1, Duration.ofSeconds(15));
        assertThat(inspections.inForce())
                .extracting(Inspections.Inspection::key)
                .containsExactlyInAnyOrder(KEY, late);
    }
}
