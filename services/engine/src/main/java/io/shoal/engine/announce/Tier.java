package io.shoal.engine.announce;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trackers of equal rank (BEP 12), of which one is used. They are tried in the order of the list, each once before a failed
 * one is tried again: a dead tracker can take minutes to fail. A tracker that answers is used from then on, and is the first to
 * be tried again when it has failed.
 *
 * <p>A torrent that wants peers and has none does not wait so long: a tracker that is silent for {@link TrackerEntry#SILENCE} holds
 * up no other, and one whose peers could not be reached within {@link #REACHING} does not count as working.
 */
final class Tier {
    /** Enough to connect to the peers that a tracker named. */
    static final Duration REACHING = Duration.ofSeconds(15);

    /** In the order in which they are tried. */
    private final List<TrackerEntry> order;

    /** The tracker that answered last; null if all failed, or none has answered yet. */
    private @Nullable TrackerEntry current;

    Tier(List<TrackerEntry> shuffled) {
        order = shuffled;
        for (TrackerEntry each : shuffled) {
            if (current == null && each.started) {
                current = each;
            }
        }
        if (current != null) {
            promote(current);
        }
    }

    /**
     * Returns the tracker to announce to now; null if there is none, or an answer is awaited.
     *
     * @param isolated whether the torrent wants peers and has none
     */
    @Nullable
    TrackerEntry next(long now, boolean isolated) {
        if (isAwaiting(now, isolated)) {
            return null;
        }
        TrackerEntry next = null;
        for (TrackerEntry each : order) {
            if (isCandidate(each, now, isolated) && each.due <= now && (next == null || each.due < next.due)) {
                next = each;
            }
        }
        return next;
    }

    /** When {@link #next} may have one, or this tier gives way to the next; {@link Long#MAX_VALUE} if only an outcome can change that. */
    long due(long now, boolean isolated) {
        long due = Long.MAX_VALUE;
        boolean awaiting = isAwaiting(now, isolated);
        for (TrackerEntry each : order) {
            if (!awaiting && isCandidate(each, now, isolated)) {
                due = Math.min(due, each.due);
            }
            if (isolated && each.pending != 0 && !each.isSilent(now)) {
                due = Math.min(due, each.askedAt + TrackerEntry.SILENCE.toNanos());
            }
        }
        if (isolated && current != null && !hasReachedNoPeer(now, true)) {
            due = Math.min(due, current.answeredAt + REACHING.toNanos());
        }
        return due;
    }

    private boolean isCandidate(TrackerEntry each, long now, boolean isolated) {
        return each.pending == 0 && (current == null || current == each || hasReachedNoPeer(now, isolated));
    }

    /** Whether there was time to connect to the peers that the current tracker named, and there still is no peer. */
    private boolean hasReachedNoPeer(long now, boolean isolated) {
        return isolated && current != null && now - current.answeredAt >= REACHING.toNanos();
    }

    /** {@code tracker}, if it is one of these, has answered. */
    void answered(TrackerEntry tracker) {
        if (order.contains(tracker)) {
            current = tracker;
            promote(tracker);
        }
    }

    /** {@code tracker}, if it is one of these, has failed. */
    void failed(TrackerEntry tracker) {
        if (current == tracker) {
            current = null;
        }
    }

    /** Whether an announce to {@code tracker} is scheduled: it is in use, or all have failed. */
    boolean isScheduled(TrackerEntry tracker) {
        return order.contains(tracker) && (current == null || current == tracker);
    }

    /**
     * Whether the next tier is needed: all of this one have failed, even if one is being asked again; or the one that answers knows
     * no peer while the torrent wants many; or it named peers of which none was reached, and others are silent.
     */
    boolean needsNextTier(long now, boolean wantsMany, boolean isolated) {
        if (current != null) {
            return wantsMany && current.hasNoOtherPeers || hasReachedNoPeer(now, isolated);
        }
        for (TrackerEntry each : order) {
            if (!each.isFailing() && !(isolated && each.isSilent(now))) {
                return false;
            }
        }
        return true;
    }

    /** Whether an answer may still come soon. One that is late is not waited for by a torrent without peers. */
    private boolean isAwaiting(long now, boolean isolated) {
        for (TrackerEntry each : order) {
            if (each.pending != 0 && !(isolated && each.isSilent(now))) {
                return true;
            }
        }
        return false;
    }

    private void promote(TrackerEntry tracker) {
        order.remove(tracker);
        order.addFirst(tracker);
    }
}
