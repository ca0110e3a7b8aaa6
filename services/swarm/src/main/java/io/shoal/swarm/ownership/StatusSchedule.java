package io.shoal.swarm.ownership;

import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a slice's status is due: at once when a change is important, but at most once a second; otherwise only so
 * often that the next owner loses little of what was counted, should the figures in {@code progress} be lost too.
 *
 * <p>Invariant: a seed that transfers nothing, and whose trackers are silent, publishes once an hour at most.
 */
final class StatusSchedule {
    static final Duration LEAST = Duration.ofSeconds(1);

    /** How often totals and the times of trackers are published while nothing else changes. */
    static final Duration TOTALS = Duration.ofMinutes(5);

    /** How often the seeding time is published while nothing else changes. */
    static final Duration SEEDING_TIME = Duration.ofHours(1);

    /** How often a slice is observed in which nothing happens: what it does not count as a change is found then. */
    static final Duration QUIET = Duration.ofSeconds(5);

    private @Nullable SliceStatus last;
    private long lastAt;
    private long observedAt;
    private long changesSeen = -1;

    /**
     * Whether the status must be observed at {@code nanos}, because it may be due.
     *
     * @param changes {@link Slice#changes}
     */
    boolean mustObserve(long changes, long nanos) {
        SliceStatus before = last;
        if (before == null) {
            return true;
        }
        if (nanos - lastAt < LEAST.toNanos()) {
            return false;
        }
        Duration pause = isLively(before.state()) ? LEAST : QUIET;
        return changes != changesSeen || nanos - observedAt >= pause.toNanos();
    }

    /** The status is observed. */
    void observed(long changes, long nanos) {
        changesSeen = changes;
        observedAt = nanos;
    }

    /** Whether a user waits for what a slice in this state does. */
    static boolean isLively(State state) {
        return state == State.DOWNLOADING || state == State.RESOLVING;
    }

    /** Whether {@code now} is due at {@code nanos}. */
    boolean isDue(SliceStatus now, long nanos) {
        SliceStatus before = last;
        if (before == null) {
            return true;
        }
        long since = nanos - lastAt;
        if (since < LEAST.toNanos()) {
            return false;
        }
        if (now.differsMateriallyFrom(before)) {
            return true;
        }
        if (since < TOTALS.toNanos() || now.equals(before)) {
            return false;
        }
        return since >= SEEDING_TIME.toNanos() || now.differsInMoreThanSeedingTimeFrom(before);
    }

    /** The last status was not delivered: the next one is due at once. */
    void deliveryFailed() {
        last = null;
    }

    /** {@code now} has been published. */
    void published(SliceStatus now, long nanos) {
        last = now;
        lastAt = nanos;
    }
}
