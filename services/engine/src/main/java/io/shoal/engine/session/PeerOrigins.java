package io.shoal.engine.session;

import io.shoal.engine.dialing.Candidates;
import io.shoal.engine.dialing.Candidates.Candidate;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which trackers have named which peers: each tracker has a bit, and each candidate the bits of those that have named it, so an
 * address costs no more than a number.
 *
 * <p>Invariant: a tracker keeps its bit for as long as the torrent runs. Trackers beyond the number of bits are
 * {@link Candidates#UNKNOWN}. Confined to the torrent's loop.
 */
final class PeerOrigins {
    private final PeerSet connected;
    private final List<String> trackers = new ArrayList<>();

    PeerOrigins(PeerSet connected) {
        this.connected = connected;
    }

    /** The tracker has named these addresses, which is noted for those that are connected. @return the tracker's bit */
    long named(String tracker, List<InetSocketAddress> addresses) {
        long origin = bit(tracker);
        Set<InetSocketAddress> named = new HashSet<>(addresses);
        for (ConnectedPeer peer : connected) {
            Candidate candidate = peer.candidate;
            if (candidate != null && named.contains(candidate.address())) {
                candidate.addOrigin(origin);
            }
        }
        return origin;
    }

    private long bit(String tracker) {
        int known = trackers.indexOf(tracker);
        if (known >= 0) {
            return 1L << known;
        }
        if (trackers.size() == Candidates.TRACKERS) {
            return Candidates.UNKNOWN;
        }
        trackers.add(tracker);
        return 1L << (trackers.size() - 1);
    }

    /** Returns the URLs of the trackers that have named the peer; none for a peer that has connected by itself. */
    List<String> of(ConnectedPeer peer) {
        Candidate candidate = peer.candidate;
        if (candidate == null || candidate.origins() == Candidates.UNKNOWN) {
            return List.of();
        }
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < trackers.size(); i++) {
            if (((candidate.origins() >>> i) & 1) != 0) {
                urls.add(trackers.get(i));
            }
        }
        return urls;
    }

    /** Whether another peer has named the peer, and no tracker has. */
    static boolean isOnlyExchanged(ConnectedPeer peer) {
        return peer.candidate != null && peer.candidate.origins() == Candidates.EXCHANGED;
    }
}
