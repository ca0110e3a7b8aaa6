package io.shoal.tracker.admission;

import io.shoal.tracker.swarms.SwarmKey;

/** Which torrents are served. */
@FunctionalInterface
public interface Admission {
    /** Serves whatever is announced. */
    Admission OPEN = torrent -> true;

    /** Whether the torrent of {@code key} is served now. Called by any thread, for every announce. */
    boolean admits(SwarmKey key);
}
