package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When the status of a slice is published, second by second. */
class StatusScheduleTest {
    private static final Totals SOME = new Totals(10, 20, 3, 40, 50L);
    private static final SliceStatus SEED = status(State.SEEDING, null, SOME, tracker("a", true, 1_000, "ok"));

    private final StatusSchedule schedule = new StatusSchedule();
    private final FakeSlice slice = FakeSlice.dormant();
    private long nanos;

    private static Tracker tracker(String id, boolean started, long next, String code) {
        return new Tracker(id, started, next, code, next, null);
    }

    private static SliceStatus status(State state, @Nullable Reason reason, Totals totals, Tracker... trackers) {
        SliceStatus any = FakeSlice.status(1, 1, state, 0);
        return new SliceStatus(any.gen(), 1, state, reason, any.stored(), 0, totals, List.of(trackers), null);
    }

    /** Returns how many records are published in {@code time}, of which each second is preceded by {@code second}. */
    private int publishedIn(Duration time, Runnable second) {
        int published = 0;
        for (long i = 0; i < time.toSeconds(); i++) {
            second.run();
            nanos += Duration.ofSeconds(1).toNanos();
            if (schedule.mustObserve(slice.changes(), nanos)) {
                SliceStatus now = slice.status();
                schedule.observed(slice.changes(), nanos);
                if (schedule.isDue(now, nanos)) {
                    schedule.published(now, nanos);
                    published++;
                }
            }
        }
        return published;
    }

    private void begin(SliceStatus status) {
        slice.setStatus(status);
        assertThat(publishedIn(Duration.ofSeconds(1), () -> {})).isEqualTo(1);
    }

    @Test
    void aDormantSeedPublishesItsSeedingTimeOnceAnHourAndNothingElse() {
        begin(SEED);
        assertThat(publishedIn(Duration.ofMinutes(59), () -> slice.seed(1))).isZero();
        assertThat(publishedIn(Duration.ofHours(10), () -> slice.seed(1))).isEqualTo(10);
    }

    @Test
    void aStoppedSlicePublishesNothing() {
        begin(status(State.STOPPED, null, SOME));
        assertThat(publishedIn(Duration.ofDays(1), () -> {})).isZero();
    }

    @Test
    void totalsArePublishedEveryFiveMinutesWhileTheyMove() {
        begin(status(State.DOWNLOADING, null, SOME));
        assertThat(publishedIn(Duration.ofHours(1), () -> slice.transfer(10, 0, Rates.ZERO)))
                .isEqualTo(12);
        slice.drift(SEED);
        publishedIn(Duration.ofMinutes(1), () -> {});
        assertThat(publishedIn(Duration.ofHours(1), () -> slice.transfer(0, 10, Rates.ZERO)))
                .isBetween(11, 12);
    }

    @Test
    void theTimeOfATrackersAnnounceAloneWaitsFiveMinutes() {
        begin(SEED);
        slice.drift(status(State.SEEDING, null, SOME, tracker("a", true, 2_000, "ok")));
        assertThat(publishedIn(Duration.ofSeconds(290), () -> {})).isZero();
        assertThat(publishedIn(Duration.ofHours(1), () -> {})).isEqualTo(1);
    }

    @Test
    void figuresOfTrackersAreNoReasonToPublish() {
        begin(SEED);
        Tracker known = tracker("a", true, 1_000, "ok");
        slice.drift(status(State.SEEDING, null, SOME, with(known, new Tracker.Figures(true, 500L, 1, 2, 3))));
        assertThat(publishedIn(Duration.ofMinutes(59), () -> slice.seed(1))).isZero();
        assertThat(publishedIn(Duration.ofMinutes(1), () -> slice.seed(1))).isEqualTo(1);
        slice.drift(status(State.SEEDING, null, SOME, with(known, new Tracker.Figures(true, 600L, 4, 5, 6))));
        assertThat(publishedIn(Duration.ofMinutes(30), () -> {})).isZero();
        Tracker answered = tracker("a", true, 2_000, "ok");
        slice.drift(status(State.SEEDING, null, SOME, with(answered, new Tracker.Figures(true, 600L, 4, 5, 6))));
        assertThat(publishedIn(StatusSchedule.QUIET, () -> {}))
                .as("what an announce changes")
                .isEqualTo(1);
    }

    private static Tracker with(Tracker tracker, Tracker.Figures figures) {
        return new Tracker(
                tracker.id(),
                tracker.started(),
                tracker.nextAnnounce(),
                tracker.code(),
                tracker.earliestAnnounce(),
                figures);
    }

    @Test
    void whatTheNextOwnerMustKnowOfATrackerIsPublishedSoon() {
        begin(SEED);
        Stream.of(
                        status(State.SEEDING, null, SOME, tracker("a", false, 1_000, "ok")),
                        status(State.SEEDING, null, SOME, tracker("a", false, 1_000, "timeout")),
                        status(
                                State.SEEDING,
                                null,
                                SOME,
                                tracker("a", false, 1_000, "timeout"),
                                tracker("b", false, 0, "waiting")))
                .forEach(news -> {
                    slice.drift(news);
                    assertThat(publishedIn(StatusSchedule.QUIET, () -> {})).isEqualTo(1);
                });
        slice.drift(status(
                State.SEEDING, null, SOME, tracker("b", false, 0, "waiting"), tracker("a", false, 1_000, "timeout")));
        assertThat(publishedIn(Duration.ofMinutes(4), () -> {}))
                .as("the order means nothing")
                .isZero();
    }

    @Test
    void anImportantChangeIsPublishedWithinASecondAndNoneSooner() {
        begin(status(State.DOWNLOADING, null, SOME));
        slice.setStatus(status(State.DOWNLOADING, Reason.NO_PEERS, SOME));
        assertThat(publishedIn(Duration.ofSeconds(1), () -> {})).isEqualTo(1);
        slice.setStatus(SEED);
        assertThat(schedule.mustObserve(
                        slice.changes(), nanos + Duration.ofMillis(900).toNanos()))
                .isFalse();
        assertThat(publishedIn(Duration.ofSeconds(1), () -> {})).isEqualTo(1);
    }
}
