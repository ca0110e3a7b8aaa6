package io.shoal.engine;

import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A torrent that runs in an engine: the handle for other threads. Every method may be called from any thread. */
public interface TorrentHandle {
    /** Changes what is wanted, from the next request on. */
    void want(PieceWish wish);

    /**
     * Changes what is done in the swarm. {@link Mode#STOP} announces {@code stopped}; another mode starts a new
     * session.
     */
    void setMode(Mode mode);

    /**
     * Replaces the trackers. A tracker that stays keeps its timers; {@code stopped} is announced to one that is
     * removed.
     */
    void setTrackers(List<List<String>> tiers);

    /** Replaces the web seeds. One that stays keeps its state. */
    void setWebSeeds(List<String> urls);

    /** A person asks for an announce: it is sent to the trackers in use as soon as each of them allows it. */
    void announceOnRequest();

    /** Changes what the torrent may use. */
    void setLimits(Limits limits);

    /** Connects to this peer if a connection slot is free. */
    void addPeer(InetSocketAddress peer);

    /** Returns the state of the torrent, at most a second old. */
    TorrentStats stats();

    /**
     * Returns a view of the swarm as it is now. Fails if the torrent could not be started or has a fault.
     *
     * @param peers how many peers it may list
     * @param buckets into how many buckets of neighbours it may sum up the pieces
     */
    CompletableFuture<SwarmSnapshot> inspect(int peers, int buckets);

    /**
     * Ends the torrent: peers and the store are closed and no callback is made any more. Completes when that is done
     * and, if {@code stopped} is announced, trackers have answered or 5 seconds have passed.
     *
     * @param announceStopped false when another worker continues the same session
     */
    CompletableFuture<Void> close(boolean announceStopped);
}
