package io.shoal.swarm.ownership;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a slice's status is due: at once when a change is important, but at most once a second; otherwise every
 * 5 s while downloading and every 30 s while bytes or peers come and go. A dormant seed publishes nothing.
 */
final class StatusSchedule {
    static final Duration LEAST = Duration.ofSeconds(1);
    static final Duration DOWNLOADING = StatusRecord.DOWNLOADING_EVERY;
    static final Duration UPLOADING = StatusRecord.UPLOADING_EVERY;

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
        Duration pause = isLively(before) || before.isActive() ? LEAST : QUIET;
        return changes != changesSeen || nanos - observedAt >= pause.toNanos();
    }

    /** The status is observed. */
    void observed(long changes, long nanos) {
        changesSeen = changes;
        observedAt = nanos;
    }

    private static boolean isLively(SliceStatus status) {
        return status.state() == State.DOWNLOADING || status.state() == State.RESOLVING;
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
        if (now.equals(before)) {
            return false;
        }
        boolean lively = isLively(now) || now.isActive() != before.isActive();
        Duration every = lively ? DOWNLOADING : UPLOADING;
        return since >= every.toNanos();
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
