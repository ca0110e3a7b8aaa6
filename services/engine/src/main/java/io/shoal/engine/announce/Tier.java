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
    private @Nullable TrackerEntry used;

    Tier(List<TrackerEntry> shuffled) {
        order = shuffled;
        for (TrackerEntry each : shuffled) {
            if (used == null && each.started) {
                used = each;
            }
        }
        if (used != null) {
            promote(used);
        }
    }

    /** The tracker to ask now; null if there is none, or one is being asked. */
    @Nullable
    TrackerEntry next(long now) {
        if (isAsking()) {
            return null;
        }
        if (used != null) {
            return used.due <= now ? used : null;
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
        if (isAsking()) {
            return Long.MAX_VALUE;
        }
        if (used != null) {
            return used.due;
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
            used = tracker;
            promote(tracker);
        }
    }

    /** {@code tracker}, if it is one of these, has failed. */
    void failed(TrackerEntry tracker) {
        if (used == tracker) {
            used = null;
        }
    }

    /** Whether {@code tracker} is waited for: it is used, or all have failed. */
    boolean plans(TrackerEntry tracker) {
        return order.contains(tracker) && (used == null || used == tracker);
    }

    /**
     * Whether the next tier is needed: here all have failed, even if one is being asked again; or the one that answers knows
     * nobody.
     *
     * @param hungry whether that matters
     */
    boolean leavesToNext(boolean hungry) {
        return used == null ? haveAllFailed() : hungry && used.lonely;
    }

    private boolean haveAllFailed() {
        for (TrackerEntry each : order) {
            if (!each.isFailing()) {
                return false;
            }
        }
        return true;
    }

    private boolean isAsking() {
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
