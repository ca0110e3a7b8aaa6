package io.shoal.engine.session;

import io.shoal.bittorrent.PeerId;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the ports, and the other torrents of one info-hash, see of a torrent: enough to decide which of them an incoming
 * peer is for. Written on the torrent's loop, read on any thread; a reader may see slightly outdated values.
 */
public final class Presence {
    private final PeerId peerId;
    private final boolean isPrivate;
    private final int port;
    private final InetSocketAddress address;
    private final AtomicInteger peers = new AtomicInteger();
    private final AtomicInteger siblings = new AtomicInteger();
    private final Set<PeerId> connected = ConcurrentHashMap.newKeySet();
    private final SequencedSet<InetAddress> named = new LinkedHashSet<>(); // guarded by itself
    private volatile boolean accepting;

    /**
     * @param isPrivate whether it is known to be private (BEP 27)
     * @param port that it announces
     * @param address placeholder where a peer must have an address; unique in this engine, and not reachable
     */
    public Presence(PeerId peerId, boolean isPrivate, int port, InetSocketAddress address) {
        this.peerId = peerId;
        this.isPrivate = isPrivate;
        this.port = port;
        this.address = address;
    }

    public PeerId peerId() {
        return peerId;
    }

    public boolean isPrivate() {
        return isPrivate;
    }

    /** The port that is announced. */
    public int port() {
        return port;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Whether the torrent accepts peers. */
    public boolean isAccepting() {
        return accepting;
    }

    /** Peers that are connected, being dialled, or expected; siblings of this engine are not counted. */
    public int peers() {
        return peers.get();
    }

    /** Connected siblings of this engine. */
    int siblings() {
        return siblings.get();
    }

    /** Whether a peer or a sibling with this peer id is connected. */
    public boolean isConnectedTo(PeerId peer) {
        return connected.contains(peer);
    }

    /** Whether one of the torrent's own trackers named this address. */
    public boolean isNamed(InetAddress peer) {
        synchronized (named) {
            return named.contains(peer);
        }
    }

    /** A peer is being passed to the torrent. The count is corrected when it arrives, or does not. */
    public void expectPeer() {
        peers.incrementAndGet();
    }

    void setAccepting(boolean accepts) {
        accepting = accepts;
    }

    void setPeers(int count) {
        peers.set(count);
    }

    void addSibling(int change) {
        siblings.addAndGet(change);
    }

    void connected(PeerId peer) {
        connected.add(peer);
    }

    void disconnected(PeerId peer) {
        connected.remove(peer);
    }

    /** A tracker has named these addresses. Above the limit the oldest are forgotten. */
    void addNamed(List<InetSocketAddress> peers) {
        synchronized (named) {
            for (InetSocketAddress peer : peers) {
                InetAddress address = peer.getAddress();
                if (address != null && named.add(address) && named.size() > EngineLimits.NAMED_ADDRESSES) {
                    named.removeFirst();
                }
            }
        }
    }
}
