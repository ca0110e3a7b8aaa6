package io.shoal.engine;

import io.shoal.engine.TorrentSpec.Mode;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A torrent that runs in an engine: the handle for other threads. Every method may be called from anywhere. */
public interface TorrentHandle {
    /** Changes what is wanted; from the next request on. */
    void want(PieceWish wish);

    /** Changes what is done in the swarm. {@link Mode#STOP} tells trackers {@code stopped}; another mode begins anew. */
    void setMode(Mode mode);

    /** Replaces the trackers; one that stays keeps its timers, one that goes is told {@code stopped}. */
    void setTrackers(List<List<String>> tiers);

    /** Connects to this peer if there is room for it. */
    void addPeer(InetSocketAddress peer);

    /** What is going on, as of at most a second ago. */
    TorrentStats stats();

    /**
     * Ends it: peers are closed, the store is closed, nothing is called back any more. Completes when that is so and, if they
     * are to be told, trackers have been told or have had 5 seconds.
     *
     * @param announceStopped false when another worker goes on with the same session
     */
    CompletableFuture<Void> close(boolean announceStopped);
}
