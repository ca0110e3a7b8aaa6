package io.shoal.engine.swarms;

import io.shoal.bittorrent.PeerId;
import io.shoal.engine.picking.Claims;
import io.shoal.engine.picking.SharedClaims;
import io.shoal.engine.session.PeerAcceptor;
import io.shoal.engine.session.Presence;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The torrents of one engine that have one info-hash, and the port of each. If there are more torrents than ports they
 * share, and an incoming peer goes to the torrent with the fewest peers.
 *
 * <p>Invariant: if one of the torrents is private, a peer that arrives on a port that several torrents have used goes
 * only to a torrent whose own trackers named its address, so that swarms of different trackers are not joined; a
 * torrent of the fleet, whose address several trackers may name, goes to none. Not thread-safe: {@link ListenPorts}
 * guards it.
 */
final class PortGroup {
    private final Map<Presence, PortSlot> slots = new LinkedHashMap<>();

    /** For each port the torrent that had it first; a torrent that starts again has the same peer id. */
    private final @Nullable PeerId[] firstOwner;

    /** Ports that torrents of several peer ids have had. A peer of one that has left may still arrive. */
    private final boolean[] shared;

    /** @param torrent null until it has started */
    private record PortSlot(int index, @Nullable PeerAcceptor torrent) {}

    private final SharedClaims claims = new SharedClaims();
    private final Predicate<PeerId> fleet;

    PortGroup(int ports, Predicate<PeerId> fleet) {
        this.fleet = fleet;
        firstOwner = new PeerId[ports];
        shared = new boolean[ports];
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /** The index of the port that the fewest torrents have. */
    int leastUsedPort() {
        int best = 0;
        for (int index = 1; index < firstOwner.length; index++) {
            if (torrentsAt(index) < torrentsAt(best)) {
                best = index;
            }
        }
        return best;
    }

    private int torrentsAt(int index) {
        int count = 0;
        for (PortSlot slot : slots.values()) {
            count += slot.index == index ? 1 : 0;
        }
        return count;
    }

    void join(Presence presence, int index) {
        slots.put(presence, new PortSlot(index, null));
        PeerId before = firstOwner[index];
        if (before == null) {
            firstOwner[index] = presence.peerId();
        } else if (!before.equals(presence.peerId())) {
            shared[index] = true;
        }
    }

    void activate(Presence presence, PeerAcceptor torrent) {
        slots.computeIfPresent(presence, (key, slot) -> new PortSlot(slot.index, torrent));
    }

    void leave(Presence presence) {
        slots.remove(presence);
    }

    /** Whether {@code peer} is a torrent of this group. */
    boolean contains(PeerId peer) {
        return slots.keySet().stream().anyMatch(each -> each.peerId().equals(peer));
    }

    /** Returns the torrent that receives an incoming peer; null if there is none. */
    @Nullable
    PeerAcceptor acceptorFor(int index, PeerId peer, InetAddress address) {
        if (hasPrivate() && shared[index]) {
            return fleet.test(peer)
                    ? null
                    : best(running(index).filter(each -> each.presence().isNamed(address)), peer);
        }
        return acceptorAt(index, peer);
    }

    /**
     * Returns the torrent that answers an incoming peer before its peer id is known; null if the peer id is needed to
     * choose one, or if there is none.
     */
    @Nullable
    PeerAcceptor acceptorFor(int index) {
        return hasPrivate() && shared[index] ? null : acceptorAt(index, null);
    }

    /**
     * Whether an encrypted handshake is answered, which shows a peer that this port has a torrent of this info-hash. The
     * peer id is not known yet.
     */
    boolean mayAnswer(int index, InetAddress address) {
        return hasPrivate() && shared[index]
                ? best(running(index).filter(each -> each.presence().isNamed(address)), null) != null
                : acceptorAt(index, null) != null;
    }

    private @Nullable PeerAcceptor acceptorAt(int index, @Nullable PeerId peer) {
        PeerAcceptor here = best(running(index), peer);
        return here != null || hasPrivate() ? here : best(running(-1), peer);
    }

    private boolean hasPrivate() {
        return slots.keySet().stream().anyMatch(Presence::isPrivate);
    }

    /** The running torrents at this port, or at any port if {@code index} is negative. */
    private Stream<PeerAcceptor> running(int index) {
        return slots.values().stream()
                .filter(slot -> index < 0 || slot.index == index)
                .<PeerAcceptor>mapMulti((slot, into) -> {
                    if (slot.torrent != null) {
                        into.accept(slot.torrent);
                    }
                });
    }

    private static @Nullable PeerAcceptor best(Stream<PeerAcceptor> torrents, @Nullable PeerId peer) {
        return torrents.filter(each -> each.presence().isAccepting())
                .filter(each -> peer == null || !each.presence().isConnectedTo(peer))
                .min(Comparator.comparingInt(each -> each.presence().peers()))
                .orElse(null);
    }

    /** The torrents that {@code self} may connect to. */
    Stream<PeerAcceptor> connectable(Presence self) {
        return hasPrivate()
                ? Stream.empty()
                : running(-1)
                        .filter(each ->
                                each.presence() != self && each.presence().isAccepting());
    }

    /** Returns the claims of one more torrent. */
    Claims claims(Presence self, int pieces, LongSupplier clock) {
        return self.isPrivate() ? Claims.NONE : claims.of(pieces, clock);
    }

    /** The other torrents that announce the port of {@code self}, which may have left. */
    List<PeerAcceptor> atPortOf(Presence self) {
        return running(-1)
                .filter(each -> each.presence() != self && each.presence().port() == self.port())
                .toList();
    }
}
