package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Goals of time, as a transfer meets them. */
class CourseTest {
    private static Course seeding(@Nullable Long seedingSeconds, @Nullable Long idleSeconds) {
        Course course = new Course(TransferState.DOWNLOADING);
        course.limit(seedingSeconds, idleSeconds);
        course.enter(TransferState.SEEDING);
        return course;
    }

    private static boolean isOver(Course course, @Nullable Instant activeAt, long secondsFromNow) {
        return course.isOver(activeAt, true, Instant.now().plusSeconds(secondsFromNow));
    }

    @Test
    void withoutAGoalSeedingNeverEnds() {
        assertThat(isOver(seeding(null, null), null, 1_000_000_000)).isFalse();
    }

    @Test
    void seedingEndsAfterItsTime() {
        assertThat(isOver(seeding(100L, null), null, 90)).isFalse();
        assertThat(isOver(seeding(100L, null), null, 110)).isTrue();
    }

    @Test
    void anIdleTransferEndsWhenNothingHasMovedForSoLong() {
        Instant now = Instant.now();
        assertThat(isOver(seeding(null, 600L), null, 590)).isFalse();
        assertThat(isOver(seeding(null, 600L), null, 610))
                .as("counted from when it began to seed")
                .isTrue();
        assertThat(isOver(seeding(null, 600L), now.minusSeconds(9_000), 590)).isFalse();
        assertThat(isOver(seeding(null, 600L), now.plusSeconds(300), 610)).isFalse();
        assertThat(isOver(seeding(null, 600L), now.plusSeconds(300), 970))
                .as("the minute of its activity does not count")
                .isTrue();
    }

    @Test
    void theFirstGoalThatIsMetEndsIt() {
        assertThat(isOver(seeding(100L, 600L), null, 110)).isTrue();
        assertThat(isOver(seeding(6_000L, 600L), null, 610)).isTrue();
    }

    @Test
    void whileReportsAreNotReadIdlenessEndsNothing() {
        Instant later = Instant.now().plusSeconds(10_000);
        assertThat(seeding(null, 600L).isOver(null, false, later)).isFalse();
        assertThat(seeding(100L, 600L).isOver(null, false, later)).isTrue();
    }
}
