package io.shoal.bittorrent.announce;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tracker's reply. Peers are as the tracker sent them: the caller must check whether they may be connected to.
 *
 * @param interval seconds until the next regular announce, 0 to {@link #INTERVAL_MAX}; 0 if it does not say
 * @param minInterval seconds before which it wants no announce, 0 to {@link #INTERVAL_MAX}; 0 if it does not say
 * @param seeds complete peers; -1 if it does not say
 * @param leeches incomplete peers; -1 if it does not say
 * @param peers others in the swarm, at most {@link #PEERS_MAX}, addresses only, no host names
 * @param externalAddress our address as the tracker sees it (BEP 24); null if it does not say
 * @param trackerId must be sent in the next request; null if there is none
 */
public record AnnounceReply(
        int interval,
        int minInterval,
        int seeds,
        int leeches,
        List<InetSocketAddress> peers,
        @Nullable InetAddress externalAddress,
        @Nullable String trackerId) {

    /** Peers that are kept of a reply: more than a torrent connects to. */
    public static final int PEERS_MAX = 1_000;

    /** The longest interval that is believed: a day. */
    public static final int INTERVAL_MAX = 86_400;

    /** Bytes of a reply, after decompression: far more than {@link #PEERS_MAX} peers as dictionaries need. */
    public static final int BYTES_MAX = 1 << 20;

    /** Characters of a tracker id; a longer one is left out. */
    public static final int TRACKER_ID_MAX = 256;

    public AnnounceReply {
        peers = List.copyOf(peers);
    }
}
