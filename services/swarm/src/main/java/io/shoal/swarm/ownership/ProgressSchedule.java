package io.shoal.swarm.ownership;

import io.shoal.contracts.records.ProgressRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a slice is named in {@code progress}: in every record while it downloads or is resolved, in every third
 * one while it only sends, once more when it comes to rest, and never while its figures stand still.
 *
 * <p>Invariant: with a record a second, and figures of the engine that are at most a second old, an owner that is killed
 * takes less than 5 s of traffic with it that no record has counted.
 */
final class ProgressSchedule {
    /** Well below {@link ProgressRecord#DOWNLOADING_EVERY}, since a record may be late by a second. */
    static final Duration DOWNLOADING = Duration.ofSeconds(1);

    /** As much below {@link ProgressRecord#UPLOADING_EVERY}. */
    static final Duration UPLOADING = Duration.ofSeconds(3);

    /** How often a slice without payload is observed: peers that come and go are found then. */
    static final Duration QUIET = Duration.ofSeconds(10);

    private static final long UNSEEN = -1;

    private @Nullable SliceFigures last;
    private long lastAt;
    private long observedAt;
    private long payloadSeen = UNSEEN;

    /**
     * Whether the figures must be observed at {@code nanos}, because the slice may have to be named.
     *
     * @param payload {@link Slice#payload}
     */
    boolean mustObserve(long payload, long nanos) {
        SliceFigures before = last;
        return before == null
                || payload != payloadSeen
                || before.isActive()
                || StatusSchedule.isLively(before.state())
                || nanos - observedAt >= QUIET.toNanos();
    }

    /**
     * The figures are observed. News that is not due yet is observed again until it is.
     *
     * @return whether the slice must be named at {@code nanos}
     */
    boolean observed(long payload, SliceFigures now, long nanos) {
        SliceFigures before = last;
        boolean isNews = before == null || now.isActive() || now.differsFrom(before);
        boolean isDue = isNews
                && (before == null || nanos - lastAt >= pause(before, now).toNanos());
        payloadSeen = isNews && !isDue ? UNSEEN : payload;
        observedAt = nanos;
        return isDue;
    }

    private static Duration pause(SliceFigures before, SliceFigures now) {
        boolean soon = StatusSchedule.isLively(now.state()) || now.isActive() != before.isActive();
        return soon ? DOWNLOADING : UPLOADING;
    }

    /** Whether the entry before says that the slice has peers, or that payload flows. */
    boolean saysItMoves() {
        SliceFigures before = last;
        return before != null && !before.equals(before.atRest());
    }

    /** The last entry was not delivered: the next one is due at once. */
    void deliveryFailed() {
        last = null;
    }

    /** The slice is named, with these figures. */
    void published(SliceFigures now, long nanos) {
        last = now;
        lastAt = nanos;
    }
}
