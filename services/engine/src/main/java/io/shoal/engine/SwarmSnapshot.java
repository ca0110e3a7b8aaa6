package io.shoal.engine;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The swarm of a torrent at one moment, in detail. It is taken on request only, so a torrent that is not looked at pays nothing for
 * it.
 *
 * @param connected connected peers, without torrents of this engine or its fleet
 * @param peers those of them with the highest rates
 * @param availability for each bucket of pieces the copies of its rarest piece among {@code connected}
 */
public record SwarmSnapshot(int connected, List<PeerDetails> peers, List<Integer> availability) {
    /** No swarm. */
    public static final SwarmSnapshot EMPTY = new SwarmSnapshot(0, List.of(), List.of());

    public SwarmSnapshot {
        peers = List.copyOf(peers);
        availability = List.copyOf(availability);
    }

    /**
     * One peer.
     *
     * @param client the client's name, cleaned, at most 40 {@code char}s long; empty if unknown
     * @param isIncoming whether it has connected to this torrent
     * @param isInteresting whether we are interested in the peer
     * @param isInterested whether the peer is interested in us
     * @param isChoked whether we are choking the peer
     * @param isChoking whether the peer is choking us
     * @param isOptimistic whether it is unchoked optimistically
     * @param isSnubbed whether it has sent no requested block for long
     * @param isUploadOnly whether it wants nothing more
     * @param isEncrypted whether what is exchanged with it is encrypted on the way
     * @param done how much of the torrent it has, in thousandths
     * @param downloaded payload bytes received from it
     * @param uploaded payload bytes sent to it
     * @param isOnlyExchanged whether other peers alone have named it (BEP 11)
     * @param trackers announce URLs of the torrent's trackers that have named it, which may carry passkeys
     */
    public record PeerDetails(
            InetSocketAddress address,
            String client,
            boolean isIncoming,
            boolean isInteresting,
            boolean isInterested,
            boolean isChoked,
            boolean isChoking,
            boolean isOptimistic,
            boolean isSnubbed,
            boolean isUploadOnly,
            boolean isEncrypted,
            int done,
            long downRate,
            long upRate,
            long downloaded,
            long uploaded,
            boolean isOnlyExchanged,
            List<String> trackers) {
        public PeerDetails {
            trackers = List.copyOf(trackers);
        }

        /** Leaves the trackers out, because the result may end in logs. */
        @Override
        public String toString() {
            return "PeerDetails[" + address + "]";
        }
    }
}
