package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state of a transfer, when it was in which one, and when its seeding has to be looked at because of that. The moment to look is set exactly while
 * it seeds with a goal of time and is not forced; then it is at most as late as the earliest of these goals can be met.
 */
@Embeddable
public class Course {
    /** Activity is known to the minute. */
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Column(name = "state")
    @Enumerated(EnumType.STRING)
    private TransferState state;

    @Column(name = "state_since")
    private Instant since;

    @Column(name = "downloading_for")
    private long downloadingFor;

    @Column(name = "seeding_for")
    private long seedingFor;

    @Column(name = "complete")
    private boolean complete;

    @Column(name = "completed_at")
    private @Nullable Instant completedAt;

    @Column(name = "seeding_limit")
    private @Nullable Long seedingLimit;

    @Column(name = "idle_limit")
    private @Nullable Long idleLimit;

    @Column(name = "goal_due")
    private @Nullable Instant goalDue;

    @Column(name = "checking")
    private boolean checking;

    @Column(name = "forced")
    private boolean forced;

    /** For Hibernate. */
    protected Course() {}

    Course(TransferState first) {
        state = first;
        since = now();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** The transfer enters this state now, unless it is in it. */
    void enter(TransferState next) {
        if (next == state) {
            return;
        }
        Instant now = now();
        downloadingFor = secondsDownloading(now);
        seedingFor = secondsSeeding(now);
        state = next;
        since = now;
        plan();
    }

    /** The goals of time are others. */
    void limit(@Nullable Long seedingSeconds, @Nullable Long idleSeconds) {
        seedingLimit = seedingSeconds;
        idleLimit = idleSeconds;
        plan();
    }

    /** Its goals end its seeding no longer, or again. */
    void force(boolean force) {
        forced = force;
        plan();
    }

    /** Sets when to look first. */
    private void plan() {
        goalDue = state == TransferState.SEEDING && !forced ? earliest(seedingEnd(), idleEnd(since)) : null;
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
     * Returns whether the transfer seeds and has met a goal of time; if it seeds and has not, sets when to look again.
     *
     * @param activeAt the minute in which payload was last sent or received; null if none was
     * @param isKnown whether {@code activeAt} can be relied upon: if not, idleness ends nothing
     */
    boolean isOver(@Nullable Instant activeAt, boolean isKnown, Instant now) {
        if (state != TransferState.SEEDING || forced) {
            return false;
        }
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
        complete = isComplete;
        if (!isComplete) {
            completedAt = null;
        } else if (completedAt == null) {
            completedAt = now();
        }
    }

    /** What it wants is being looked for in the store, because the tenant asked for that, or no longer. */
    void check(boolean isChecking) {
        checking = isChecking;
    }

    /** Returns whether a verification that the tenant has asked for is not answered. */
    public boolean isChecking() {
        return checking;
    }

    TransferState state() {
        return state;
    }

    /** Returns for how many seconds the transfer has been downloading in all. */
    public long secondsDownloading(Instant now) {
        return downloadingFor + secondsIn(TransferState.DOWNLOADING, now);
    }

    /** Returns for how many seconds the transfer has been seeding in all. */
    public long secondsSeeding(Instant now) {
        return seedingFor + secondsIn(TransferState.SEEDING, now);
    }

    private long secondsIn(TransferState asked, Instant now) {
        return state == asked ? Math.max(0, Duration.between(since, now).toSeconds()) : 0;
    }

    /** Returns whether all that is wanted was stored when the fleet last reported. */
    public boolean isComplete() {
        return complete;
    }

    boolean isForced() {
        return forced;
    }

    /** Returns when all that is wanted was last found stored; null while something is missing. */
    public @Nullable Instant completedAt() {
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
