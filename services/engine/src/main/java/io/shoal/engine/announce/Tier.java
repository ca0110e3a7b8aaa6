package io.shoal.engine.announce;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trackers of equal rank (BEP 12), of which one is used. They are tried in the order of the list, each once before a
 * failed one is tried again: a dead tracker can take minutes to fail. A tracker that answers is used from then on, and
 * is the first to be tried again when it has failed.
 */
final class Tier {
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

    /** Returns the tracker to announce to now; null if there is none, or an announce is in progress. */
    @Nullable
    TrackerEntry next(long now) {
        if (isPending()) {
            return null;
        }
        if (current != null) {
            return current.due <= now ? current : null;
        }
        TrackerEntry next = null;
        for (TrackerEntry each : order) {
            if (each.due <= now && (next == null || each.due < next.due)) {
                next = each;
            }
        }
        return next;
    }

    /** When {@link #next} may return a tracker; {@link Long#MAX_VALUE} if only a result can change that. */
    long due() {
        if (isPending()) {
            return Long.MAX_VALUE;
        }
        if (current != null) {
            return current.due;
        }
        long due = Long.MAX_VALUE;
        for (TrackerEntry each : order) {
            due = Math.min(due, each.due);
        }
        return due;
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
     * Whether the next tier is needed: all trackers of this one have failed, even if one is being tried again; or the
     * one that answers knows no peers.
     *
     * @param needsPeers whether the latter counts
     */
    boolean needsNextTier(boolean needsPeers) {
        return current == null ? haveAllFailed() : needsPeers && current.hasNoOtherPeers;
    }

    private boolean haveAllFailed() {
        for (TrackerEntry each : order) {
            if (!each.isFailing()) {
                return false;
            }
        }
        return true;
    }

    private boolean isPending() {
        for (TrackerEntry each : order) {
            if (each.pending != 0) {
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
