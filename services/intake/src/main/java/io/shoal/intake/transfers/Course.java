package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a transfer was in which state, and when its seeding has to be looked at because of that. The moment to look is set exactly while
 * it seeds with a goal of time; then it is at most as late as the earliest of these goals can be met.
 */
@Embeddable
class Course {
    /** Activity is known to the minute. */
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Column(name = "state_since")
    private Instant since = now();

    @Column(name = "downloading_for")
    private long downloadingFor;

    @Column(name = "seeding_for")
    private long seedingFor;

    @Column(name = "completed_at")
    private @Nullable Instant completedAt;

    @Column(name = "seeding_limit")
    private @Nullable Long seedingLimit;

    @Column(name = "idle_limit")
    private @Nullable Long idleLimit;

    @Column(name = "goal_due")
    private @Nullable Instant goalDue;

    static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Its state changes now. */
    void move(TransferState from, TransferState to) {
        if (from == to) {
            return;
        }
        Instant now = now();
        downloadingFor = seconds(TransferState.DOWNLOADING, from, now);
        seedingFor = seconds(TransferState.SEEDING, from, now);
        since = now;
        plan(to);
    }

    /** The goals of time are others. */
    void limit(@Nullable Long seedingSeconds, @Nullable Long idleSeconds, TransferState state) {
        seedingLimit = seedingSeconds;
        idleLimit = idleSeconds;
        plan(state);
    }

    /** Sets when to look first. */
    private void plan(TransferState state) {
        goalDue = state == TransferState.SEEDING ? earliest(seedingEnd(), idleEnd(since)) : null;
    }

    private @Nullable Instant seedingEnd() {
        return seedingLimit == null ? null : since.plusSeconds(Math.max(0, seedingLimit - seedingFor));
    }

    private @Nullable Instant idleEnd(Instant idleSince) {
        return idleLimit == null ? null : idleSince.plusSeconds(idleLimit);
    }

    private static @Nullable Instant earliest(@Nullable Instant one, @Nullable Instant two) {
        if (one == null || two == null) {
            return one == null ? two : one;
        }
        return one.isBefore(two) ? one : two;
    }

    /**
     * Returns whether a transfer that seeds has met a goal of time; if not, sets when to look again.
     *
     * @param activeAt the minute in which payload was last sent or received; null if none was
     * @param isKnown whether {@code activeAt} can be relied upon: if not, idleness ends nothing
     */
    boolean isOver(@Nullable Instant activeAt, boolean isKnown, Instant now) {
        Instant active = activeAt == null ? since : activeAt.plus(MINUTE);
        Instant idleEnd = idleEnd(active.isAfter(since) ? active : since);
        if (idleEnd != null && !isKnown) {
            idleEnd = latest(idleEnd, now.plus(MINUTE));
        }
        goalDue = earliest(seedingEnd(), idleEnd);
        return goalDue != null && !goalDue.isAfter(now);
    }

    private static Instant latest(Instant one, Instant two) {
        return one.isAfter(two) ? one : two;
    }

    /** All that is wanted is stored, or no longer. */
    void complete(boolean isComplete) {
        if (!isComplete) {
            completedAt = null;
        } else if (completedAt == null) {
            completedAt = now();
        }
    }

    /** Returns how long the transfer, which is in {@code current}, has been in {@code state} in all. */
    long seconds(TransferState state, TransferState current, Instant now) {
        long before = switch (state) {
            case DOWNLOADING -> downloadingFor;
            case SEEDING -> seedingFor;
            case RESOLVING, QUEUED, DONE, PAUSED, BLOCKED, FAILED -> 0;
        };
        return state == current
                ? before + Math.max(0, Duration.between(since, now).toSeconds())
                : before;
    }

    @Nullable
    Instant completedAt() {
        return completedAt;
    }

    @Nullable
    Long seedingLimit() {
        return seedingLimit;
    }

    @Nullable
    Long idleLimit() {
        return idleLimit;
    }
}
