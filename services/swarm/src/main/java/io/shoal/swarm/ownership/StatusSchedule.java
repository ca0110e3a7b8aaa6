package io.shoal.swarm.ownership;

import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a slice's status is due: at once when something changes that somebody waits for, but at most once a second; else every
 * 5 s while downloading and every 30 s while bytes or peers come and go; a dormant seed is silent.
 */
final class StatusSchedule {
    static final Duration LEAST = Duration.ofSeconds(1);
    static final Duration DOWNLOADING = Duration.ofSeconds(5);
    static final Duration UPLOADING = Duration.ofSeconds(30);

    private @Nullable SliceStatus told;
    private long toldAt;

    /** Whether {@code now} is to be told, at {@code nanos}. */
    boolean isDue(SliceStatus now, long nanos) {
        SliceStatus before = told;
        if (before == null) {
            return true;
        }
        long since = nanos - toldAt;
        if (since < LEAST.toNanos()) {
            return false;
        }
        if (now.differsInKindFrom(before)) {
            return true;
        }
        if (now.equals(before)) {
            return false;
        }
        boolean lively = now.state() == State.DOWNLOADING
                || now.state() == State.RESOLVING
                || now.isActive() != before.isActive();
        Duration every = lively ? DOWNLOADING : UPLOADING;
        return since >= every.toNanos();
    }

    /** What was told has not arrived: whatever is to be told next is due at once. */
    void notHeard() {
        told = null;
    }

    /** {@code now} has been told. */
    void told(SliceStatus now, long nanos) {
        told = now;
        toldAt = nanos;
    }
}
