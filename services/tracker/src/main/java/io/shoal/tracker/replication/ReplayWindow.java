package io.shoal.tracker.replication;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The frames of a partition that were received: for each sender the highest sequence and a window of those right before it, as in RFC
 * 6479. So a frame that comes again is known, one that comes late is taken, and memory is bounded. One thread.
 */
final class ReplayWindow {
    private static final int WINDOW = Long.SIZE;

    /** Processes of replicas within a peer's lifetime: far more than ever start in it. */
    private static final int SENDERS = 1_024;

    private final Map<Long, Window> senders = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Window> eldest) {
            return size() > SENDERS;
        }
    };

    private static final class Window {
        private long highest = -1;
        private long bits;
    }

    /** Whether this is the first time for the frame; false too if it is too late to tell. */
    boolean isFirst(long sender, long sequence) {
        Window window = senders.computeIfAbsent(sender, s -> new Window());
        long ahead = sequence - window.highest;
        if (ahead > 0) {
            window.bits = ahead < WINDOW ? window.bits << ahead | 1 : 1;
            window.highest = sequence;
            return true;
        }
        long bit = ahead > -WINDOW ? 1L << -ahead : 0;
        boolean isFirst = bit != 0 && (window.bits & bit) == 0;
        window.bits |= bit;
        return isFirst;
    }
}
