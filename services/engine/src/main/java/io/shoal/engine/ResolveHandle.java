package io.shoal.engine;

import io.shoal.engine.TorrentStats.TrackerStats;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The search for an info dictionary, as other threads hold it. It continues until it is closed; nothing is uploaded.
 */
public interface ResolveHandle {
    /** Connects to this peer if a connection slot is free. */
    void addPeer(InetSocketAddress peer);

    /** A person asks for an announce: it is sent to the trackers in use as soon as each of them allows it. */
    void announceOnRequest();

    /** Returns the state of the search, at most a second old. */
    Stats stats();

    /**
     * Ends the search: peers are closed and no callback is made any more. Completes when that is done and, if
     * {@code stopped} is announced, trackers have answered or 5 seconds have passed.
     *
     * @param announceStopped false when another worker continues the search, or when the torrent itself follows
     */
    CompletableFuture<Void> close(boolean announceStopped);

    /**
     * @param peers connected peers, without torrents of this engine's fleet
     * @param offering how many of them claim to have the info dictionary
     * @param trackers one for each tracker, in order, tiers flattened
     */
    record Stats(int peers, int offering, List<TrackerStats> trackers) {
        public Stats {
            trackers = List.copyOf(trackers);
        }
    }
}
