package io.shoal.engine.session;

import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import io.shoal.bittorrent.wire.PexMessage.Flag;
import io.shoal.engine.exchange.PexIn;
import io.shoal.engine.exchange.PexOut;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Exchanges the addresses of peers with the peers of a public torrent (BEP 11).
 *
 * <p>Invariant: a private torrent sends no address and uses none (BEP 27). A sibling is neither told of peers nor named
 * to any: it has no address that others could reach.
 */
final class PeerExchange {
    private final boolean isPrivate;
    private final LongSupplier clock;
    private final PeerSet peers;
    private final PeerSearch search;
    private final PexOut out;
    private final PexIn in;

    /** @param clock the loop's, in nanoseconds */
    PeerExchange(
            boolean isPrivate,
            LongSupplier clock,
            PeerSet peers,
            ConnectionSlots slots,
            PeerSearch search,
            TorrentActivity activity,
            RandomGenerator random) {
        this.isPrivate = isPrivate;
        this.clock = clock;
        this.peers = peers;
        this.search = search;
        this.out = new PexOut(random);
        this.in = new PexIn(
                contact -> slots.isNewCandidate(contact.address()) && !(activity.isDone() && isSeed(contact)),
                slots::isCandidate);
    }

    /** Whether addresses are exchanged with a peer. */
    boolean isAllowed(ConnectedPeer peer) {
        return !isPrivate && !peer.isSibling();
    }

    private static boolean isSeed(Contact contact) {
        return contact.flags().contains(Flag.SEED);
    }

    /** Must be called about once a second: sends to each peer what it was not told yet, if that is due. */
    void tick(long now) {
        for (ConnectedPeer peer : peers) {
            if (isAllowed(peer)) {
                PexOut.Partner partner = peer.exchangePartner;
                if (partner == null) {
                    partner = out.join(peer.address(), () -> flags(peer));
                    peer.exchangePartner = partner;
                }
                out.locate(partner, peer.listenAddress);
            }
        }
        for (ConnectedPeer peer : peers) {
            PexOut.Partner partner = peer.exchangePartner;
            if (partner != null && peer.connection.supports(Extension.PEX) && peer.connection.isWritable()) {
                PexMessage message = out.next(partner, now);
                if (message != null) {
                    peer.connection.send(message);
                }
            }
        }
    }

    /** What others are told about a peer. */
    private static Set<Flag> flags(ConnectedPeer peer) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        if (peer.isSeed() || peer.uploadOnly) {
            flags.add(Flag.SEED);
        }
        if (peer.candidate != null) { // it was dialled
            flags.add(Flag.REACHABLE);
        }
        return flags;
    }

    void left(ConnectedPeer peer) {
        PexOut.Partner partner = peer.exchangePartner;
        if (partner != null) {
            peer.exchangePartner = null;
            out.leave(partner);
        }
    }

    void received(ConnectedPeer peer, PexMessage message) {
        if (!isAllowed(peer)) {
            return;
        }
        if (peer.exchangeSender.floods(clock.getAsLong())) {
            peer.connection.close("floods with peer exchange");
            return;
        }
        List<InetSocketAddress> accepted = in.received(peer.address(), message);
        if (!accepted.isEmpty()) {
            search.addExchangedPeers(accepted);
        }
    }
}
