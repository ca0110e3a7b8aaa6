package io.shoal.engine;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import java.util.List;

/**
 * All that the engine must know to take part in one swarm.
 *
 * @param info the metadata, verified
 * @param peerId our peer id in this swarm; a peer with this id is this torrent itself
 * @param trackers announce URLs in tiers (BEP 12)
 * @param resumed what trackers and counters were when the predecessor stopped; {@link Resumed#FRESH} for a new session
 * @param wish how much each piece is wanted
 * @param mode the initial mode
 * @param owner on whose behalf: torrents of one owner share what owners share fairly. Opaque
 * @param limits what the torrent may use at most
 * @param isPrivate whether only its own trackers may name peers: its metadata says so (BEP 27), or its owner does
 * @param webSeeds URLs of servers that have the files (BEP 19)
 */
public record TorrentSpec(
        Info info,
        PeerId peerId,
        List<List<String>> trackers,
        Resumed resumed,
        PieceWish wish,
        Mode mode,
        String owner,
        Limits limits,
        boolean isPrivate,
        List<String> webSeeds) {

    /** A torrent without limits, of no particular owner. */
    public TorrentSpec(
            Info info, PeerId peerId, List<List<String>> trackers, Resumed resumed, PieceWish wish, Mode mode) {
        this(info, peerId, trackers, resumed, wish, mode, "", Limits.NONE);
    }

    /** A torrent without web seeds, which is private if its metadata says so. */
    public TorrentSpec(
            Info info,
            PeerId peerId,
            List<List<String>> trackers,
            Resumed resumed,
            PieceWish wish,
            Mode mode,
            String owner,
            Limits limits) {
        this(info, peerId, trackers, resumed, wish, mode, owner, limits, info.isPrivate(), List.of());
    }

    /**
     * What a torrent may use at most.
     *
     * @param downRate bytes received per second, 0 for no limit
     * @param upRate bytes sent per second, 0 for no limit
     */
    public record Limits(long downRate, long upRate) {
        /** No limit. */
        public static final Limits NONE = new Limits(0, 0);

        public Limits {
            if (downRate < 0 || upRate < 0) {
                throw new IllegalArgumentException("a rate is not negative");
            }
        }
    }

    /** What to do in the swarm. */
    public enum Mode {
        /** Download what is wanted and upload. */
        RUN,
        /** Upload what is held, request nothing. */
        SEED,
        /** Leave the swarm: {@code stopped} is announced, peers are closed. */
        STOP
    }

    /**
     * State that is carried over from one owner of a session to the next, so that trackers see one peer.
     *
     * @param downloaded payload bytes received since the session began
     * @param uploaded payload bytes sent
     * @param wasted payload bytes received in vain
     * @param trackers one for each tracker in order, tiers flattened; may be shorter
     */
    public record Resumed(long downloaded, long uploaded, long wasted, List<TrackerState> trackers) {
        public static final Resumed FRESH = new Resumed(0, 0, 0, List.of());

        public Resumed {
            trackers = List.copyOf(trackers);
        }
    }

    /**
     * @param started whether {@code started} was announced to the tracker in this session
     * @param nextAnnounce when it is announced to next
     */
    public record TrackerState(boolean started, NextAnnounce nextAnnounce) {}

    public TorrentSpec {
        isPrivate = isPrivate || info.isPrivate();
        trackers = trackers.stream().map(List::copyOf).toList();
        webSeeds = List.copyOf(webSeeds);
    }
}
