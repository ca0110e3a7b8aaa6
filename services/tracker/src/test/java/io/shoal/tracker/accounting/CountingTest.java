package io.shoal.tracker.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.accounting.Counting.Report;
import io.shoal.tracker.swarms.Event;
import org.junit.jupiter.api.Test;

class CountingTest {
    private long now = 1_000_000;
    private Counting counting = new Counting(report(0, 0, Event.STARTED));

    private Report report(long uploaded, long downloaded, Event event) {
        return new Report(uploaded, downloaded, event, false, now);
    }

    private Totals totals() {
        Counting.Stand stand = counting.stand();
        return new Totals(stand.uploaded(), stand.downloaded(), stand.seedingMillis(), counting.at());
    }

    private void says(Report report) {
        if (!counting.isRepeat(report)) {
            counting.count(report);
        }
    }

    private void says(long uploaded, long downloaded, Event event) {
        now += 10_000;
        says(report(uploaded, downloaded, event));
    }

    @Test
    void whatCountersGrewByIsCounted() {
        says(100, 1_000, Event.NONE);
        says(150, 1_500, Event.COMPLETED);
        says(400, 1_500, Event.STOPPED);
        assertThat(counting.stand().start()).isEqualTo(1_000_000);
        assertThat(totals()).isEqualTo(new Totals(400, 1_500, 0, now));
    }

    @Test
    void aPacketThatComesAgainCountsOnce() {
        Report first = report(100, 0, Event.NONE);
        says(first);
        says(first);
        says(300, 0, Event.NONE);
        says(first);
        says(report(0, 0, Event.STARTED));
        says(350, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(350);
        assertThat(counting.stand().start()).as("no session began").isEqualTo(1_000_000);
    }

    @Test
    void aPacketThatWasOvertakenIsNoReset() {
        says(100, 0, Event.NONE);
        Report overtaken = report(200, 0, Event.NONE);
        says(300, 0, Event.COMPLETED);
        says(overtaken);
        says(400, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(400);
        assertThat(counting.stand().start()).as("no session began").isEqualTo(1_000_000);
    }

    @Test
    void aPacketFromBeforeAResetComesAgainWithoutHarm() {
        Report high = report(5_000, 0, Event.NONE);
        says(high);
        says(10, 0, Event.STARTED);
        says(high);
        says(30, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(30);
    }

    @Test
    void counterThatFellBeginsASessionInWhichAllThatItSaysIsNew() {
        says(900, 0, Event.NONE);
        Totals before = totals();
        now += 180_000; // so long a late packet may be under way
        says(70, 5, Event.NONE);
        assertThat(before.uploaded()).isEqualTo(900);
        assertThat(counting.stand().start()).isEqualTo(now);
        assertThat(totals()).isEqualTo(new Totals(70, 5, 0, now));
    }

    @Test
    void theSameCountersLaterAreNoRepeat() {
        says(100, 0, Event.NONE);
        now += 1_800_000;
        says(50, 0, Event.NONE);
        now += 1_800_000;
        says(100, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(100);
        now += 1_800_000;
        says(0, 0, Event.STARTED);
        says(100, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(100);
    }

    @Test
    void whatAClientCountedBeforeWeKnewItIsNotCounted() {
        counting = new Counting(report(5_000, 7_000, Event.NONE));
        says(5_100, 7_000, Event.NONE);
        assertThat(totals()).isEqualTo(new Totals(100, 0, 0, now));
    }

    @Test
    void whoStartsAfterAStopBeginsASessionWhetherItsCountersGoOnOrNot() {
        says(100, 0, Event.STOPPED);
        says(100, 0, Event.STARTED);
        assertThat(counting.stand().start()).isEqualTo(now);
        assertThat(totals().uploaded()).as("was counted in the session before").isZero();
        says(120, 0, Event.STOPPED);
        assertThat(totals().uploaded()).isEqualTo(20);
        says(0, 0, Event.STARTED);
        says(30, 0, Event.NONE);
        assertThat(totals().uploaded()).isEqualTo(30);
    }

    @Test
    void timeAsASeedIsCountedFromAnnounceToAnnounce() {
        says(new Report(0, 10, Event.COMPLETED, true, now += 60_000));
        says(new Report(5, 10, Event.NONE, true, now += 1_800_000));
        says(new Report(9, 10, Event.STOPPED, true, now += 300_000));
        assertThat(totals().seedingMillis()).isEqualTo(2_100_000);
        says(new Report(9, 10, Event.STARTED, true, now += 900_000));
        assertThat(totals().seedingMillis()).as("it was away").isZero();
    }

    @Test
    void anotherReplicaGoesOnWhereThisOneStands() {
        says(100, 0, Event.NONE);
        counting = new Counting(counting.stand());
        says(130, 7, Event.NONE);
        assertThat(counting.stand().start()).isEqualTo(1_000_000);
        assertThat(totals()).isEqualTo(new Totals(130, 7, 0, now));
    }
}
