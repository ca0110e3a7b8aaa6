package io.shoal.swarm.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Reasons that come and go are not reported; those that stay are. */
class StallReasonTest {
    private Instant now = Instant.EPOCH;
    private final StallReason reason = new StallReason(() -> now);
    private int changes;
    private @Nullable Reason last;

    /** The figures show {@code observed} for so long; they are observed each second. */
    private void shows(State state, @Nullable Reason observed, int seconds) {
        for (int i = 0; i < seconds; i++) {
            now = now.plus(Duration.ofSeconds(1));
            Reason reported = reason.sustained(state, observed);
            changes += reported == last ? 0 : 1;
            last = reported;
        }
    }

    @Test
    void whatComesAndGoesIsNotReported() {
        for (int i = 0; i < 100; i++) {
            shows(State.DOWNLOADING, Reason.NO_PEERS, 1 + i % 4);
            shows(State.DOWNLOADING, null, 1 + i % 3);
            shows(State.DOWNLOADING, Reason.MISSING_PIECES, 1);
        }
        assertThat(changes).isZero();
    }

    @Test
    void whatStaysIsReportedAndSoIsItsEnd() {
        shows(State.DOWNLOADING, Reason.NO_PEERS, 5);
        assertThat(last).isNull();
        shows(State.DOWNLOADING, Reason.NO_PEERS, 1);
        assertThat(last).isEqualTo(Reason.NO_PEERS);
        shows(State.DOWNLOADING, Reason.MISSING_PIECES, 6);
        assertThat(last).isEqualTo(Reason.MISSING_PIECES);
        shows(State.DOWNLOADING, null, 5);
        assertThat(last).isEqualTo(Reason.MISSING_PIECES);
        shows(State.DOWNLOADING, null, 1);
        assertThat(last).isNull();
    }

    @Test
    void aReasonEndsWithTheStateThatItBelongsTo() {
        shows(State.DOWNLOADING, Reason.STORAGE_WAIT, 10);
        shows(State.SEEDING, null, 1);
        assertThat(last).isNull();
        shows(State.DOWNLOADING, Reason.NO_PEERS, 5);
        assertThat(last).as("a download that begins has no peers yet").isNull();
    }

    @Test
    void aClockThatIsSetBackOnlyDelaysAReason() {
        shows(State.DOWNLOADING, Reason.NO_PEERS, 3);
        now = now.minus(Duration.ofDays(1));
        shows(State.DOWNLOADING, Reason.NO_PEERS, 6);
        assertThat(last).isEqualTo(Reason.NO_PEERS);
    }
}
