package io.shoal.engine.session;

import io.shoal.engine.picking.PeerPieces.Relation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * The accepted peers of one torrent. Iteration is safe while peers join and leave; calls to peers that have left do
 * nothing. {@link ConnectedPeers} alone adds and removes.
 */
final class PeerSet implements Iterable<ConnectedPeer> {
    /** The greatest is closed first: outsiders, then those that want nothing, the slowest, the youngest. */
    private static final Comparator<ConnectedPeer> LEAST_USEFUL = Comparator.<ConnectedPeer>comparingInt(
                    peer -> peer.isSibling() ? 0 : 1)
            .thenComparingInt(peer -> peer.connection.isInterested() || peer.connection.isInteresting() ? 0 : 1)
            .thenComparingLong(peer ->
                    -peer.connection.down().perSecond() - peer.connection.up().perSecond())
            .thenComparingLong(peer -> peer.connectedAt);

    /** Replaced on every change, so that peers may join and leave during an iteration. */
    private List<ConnectedPeer> all = List.of();

    @Override
    public Iterator<ConnectedPeer> iterator() {
        return all.iterator();
    }

    int size() {
        return all.size();
    }

    boolean contains(ConnectedPeer peer) {
        return all.contains(peer);
    }

    void add(ConnectedPeer peer) {
        List<ConnectedPeer> more = new ArrayList<>(all);
        more.add(peer);
        all = List.copyOf(more);
    }

    void remove(ConnectedPeer peer) {
        List<ConnectedPeer> fewer = new ArrayList<>(all);
        fewer.remove(peer);
        all = List.copyOf(fewer);
    }

    /**
     * Whether there is a peer to get pieces from, now or later: downloads of this deployment that wait like this one do
     * not count.
     */
    boolean hasSource() {
        for (ConnectedPeer each : all) {
            if (each.relation == Relation.OUTSIDER || each.isSeed()) {
                return true;
            }
        }
        return false;
    }

    /** Closes the least useful peer. @return false if there is none */
    boolean closeLeastUseful(String reason) {
        if (all.isEmpty()) {
            return false;
        }
        Collections.max(all, LEAST_USEFUL).connection.close(reason);
        return true;
    }
}
