package io.shoal.engine.announce;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trackers of equal standing (BEP 12), of which one is used. They are tried in the order of the list, each once before one that
 * failed is tried again: a dead one can take minutes to fail. One that answers is used from then on, and tried first when it
 * has failed.
 */
final class Tier {
    /** In the order of trying. */
    private final List<TrackerEntry> order;

    /** The one that answered last; null if all failed, or none was asked yet. */
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

    /** The tracker to ask now; null if there is none, or one is being asked. */
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

    /** When {@link #next} may have one; {@link Long#MAX_VALUE} if only an outcome can change that. */
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

    /** Whether {@code tracker} is waited for: it is used, or all have failed. */
    boolean isScheduled(TrackerEntry tracker) {
        return order.contains(tracker) && (current == null || current == tracker);
    }

    /**
     * Whether the next tier is needed: here all have failed, even if one is being asked again; or the one that answers knows
     * nobody.
     *
     * @param needsPeers whether that matters
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
