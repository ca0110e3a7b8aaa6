package io.shoal.engine;

import io.shoal.engine.TorrentStats.TrackerStats;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The search for an info dictionary, as other threads hold it. It goes on until it is closed; nothing is uploaded. */
public interface ResolveHandle {
    /** Connects to this peer if there is room for it. */
    void addPeer(InetSocketAddress peer);

    /** What is going on, as of at most a second ago. */
    Stats stats();

    /**
     * Ends it: peers are closed and nothing is called back any more. Completes when that is so and, if they are to be told,
     * trackers have been told or have had 5 seconds.
     *
     * @param announceStopped false when another worker goes on with it, or when the torrent itself follows
     */
    CompletableFuture<Void> close(boolean announceStopped);

    /**
     * @param peers how many are connected, but for torrents of this engine's fleet
     * @param offering how many of them say that they have the info dictionary
     * @param trackers one for each tracker, in order, tiers flattened
     */
    record Stats(int peers, int offering, List<TrackerStats> trackers) {
        public Stats {
            trackers = List.copyOf(trackers);
        }
    }
}
