package io.shoal.engine;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import java.util.List;

/**
 * All that the engine must know to take part in one swarm.
 *
 * @param info the metadata, verified
 * @param peerId our name in this swarm; peers that bear it are ourselves
 * @param trackers announce URLs in tiers (BEP 12)
 * @param resumed what trackers and counters were when the predecessor stopped; {@link Resumed#FRESH} for a new session
 * @param wish how much each piece is wanted
 * @param mode what to do at first
 */
public record TorrentSpec(
        Info info, PeerId peerId, List<List<String>> trackers, Resumed resumed, PieceWish wish, Mode mode) {

    /** What to do in the swarm. */
    public enum Mode {
        /** Download what is wanted and give back. */
        RUN,
        /** Give what is held, ask for nothing. */
        SEED,
        /** Leave: trackers are told, peers are closed. */
        STOP
    }

    /**
     * What is carried over from one owner of a session to the next, so that trackers see one peer.
     *
     * @param downloaded payload bytes received since the session began
     * @param uploaded payload bytes sent
     * @param trackers one for each tracker in order, tiers flattened; may be shorter
     */
    public record Resumed(long downloaded, long uploaded, List<TrackerState> trackers) {
        public static final Resumed FRESH = new Resumed(0, 0, List.of());

        public Resumed {
            trackers = List.copyOf(trackers);
        }
    }

    /**
     * @param started whether the tracker has heard {@code started} in this session
     * @param nextAnnounce when it is asked again
     */
    public record TrackerState(boolean started, NextAnnounce nextAnnounce) {}

    public TorrentSpec {
        trackers = trackers.stream().map(List::copyOf).toList();
    }
}
