package io.shoal.engine.session;

import io.shoal.engine.dialing.Candidates;
import java.net.InetSocketAddress;
import java.util.List;

/** Takes the addresses of peers from each source that a torrent has, and dials them while it takes part in the swarm. */
final class PeerSearch {
    private final ConnectionSlots slots;
    private final TorrentActivity activity;
    private final Presence presence;
    private final PeerOrigins origins;
    private final boolean isPrivate;

    PeerSearch(
            ConnectionSlots slots,
            TorrentActivity activity,
            Presence presence,
            PeerOrigins origins,
            boolean isPrivate) {
        this.slots = slots;
        this.activity = activity;
        this.presence = presence;
        this.origins = origins;
        this.isPrivate = isPrivate;
    }

    /** One of the torrent's own trackers named these addresses. */
    void addTrackerPeers(String tracker, List<InetSocketAddress> addresses) {
        if (isPrivate) {
            presence.addNamed(addresses);
        }
        add(addresses, origins.named(tracker, addresses));
    }

    /** Peers have named these addresses (BEP 11). */
    void addExchangedPeers(List<InetSocketAddress> addresses) {
        add(addresses, Candidates.EXCHANGED);
    }

    void addPeers(List<InetSocketAddress> addresses) {
        add(addresses, Candidates.UNKNOWN);
    }

    private void add(List<InetSocketAddress> addresses, long origin) {
        if (activity.isActive()) {
            slots.addCandidates(addresses, origin);
            slots.dialMore();
        }
    }

    /** More is wanted than before: dials the peers that were disconnected as idle. */
    void recallIdle() {
        slots.recallIdle();
        slots.dialMore();
    }

    /** Must be called about once a second. @return whether peers and addresses have just run out */
    boolean tick() {
        slots.dialMore();
        return slots.hasBecomeIsolated();
    }

    /** The torrent leaves the swarm. */
    void stop() {
        slots.clearCandidates();
    }
}
