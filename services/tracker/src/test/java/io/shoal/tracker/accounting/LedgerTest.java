package io.shoal.tracker.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger(3);

    private static Session session(int number) {
        return new Session(new UUID(0, 1), new UUID(0, 2), new SwarmKey(0, 0, 3), new PeerKey(0, 0, number), 1_000);
    }

    private static Totals totals(long uploaded) {
        return new Totals(uploaded, 0, 0, 2_000);
    }

    @Test
    void ofEachSessionTheNewestTotalsWait() {
        ledger.post(session(1), totals(10));
        ledger.post(session(2), totals(5));
        ledger.post(session(1), totals(20));
        assertThat(ledger.take()).isEqualTo(Map.of(session(1), totals(20), session(2), totals(5)));
        assertThat(ledger.take()).isEmpty();
    }

    @Test
    void whatWasNotPublishedWaitsAgainUnlessThereIsSomethingNewer() {
        ledger.post(session(1), totals(10));
        ledger.post(session(2), totals(5));
        Map<Session, Totals> taken = ledger.take();
        ledger.post(session(1), totals(20));
        ledger.putBack(taken);
        assertThat(ledger.take()).isEqualTo(Map.of(session(1), totals(20), session(2), totals(5)));
    }

    @Test
    void noMoreSessionsWaitThanThereIsRoomFor() {
        for (int number = 0; number < 5; number++) {
            ledger.post(session(number), totals(number));
        }
        assertThat(ledger.size()).isEqualTo(3);
        assertThat(ledger.givenUp()).isEqualTo(2);
        assertThat(ledger.take()).containsOnlyKeys(session(2), session(3), session(4));
    }
}
