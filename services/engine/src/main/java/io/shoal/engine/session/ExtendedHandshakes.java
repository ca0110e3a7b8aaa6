package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** Tells peers what this torrent supports and whether it wants anything: at first (BEP 10), and on change (BEP 21). */
final class ExtendedHandshakes {
    /** The name by which peers know this client. */
    static final String CLIENT = "Shoal 0.1";

    private final Info info;
    private final int port;
    private final Function<InetAddress, Addresses> addresses;
    private final BooleanSupplier isDone;
    private final Predicate<ConnectedPeer> exchangesPeers;

    /** What connected peers know: whether this torrent wants nothing. */
    private boolean sentUploadOnly;

    /**
     * @param port that is announced
     * @param addresses returns those that are sent to the peer with an address
     * @param isDone whether the torrent wants nothing
     * @param exchangesPeers whether the addresses of others are exchanged with a peer
     */
    ExtendedHandshakes(
            Info info,
            int port,
            Function<InetAddress, Addresses> addresses,
            BooleanSupplier isDone,
            Predicate<ConnectedPeer> exchangesPeers) {
        this.info = info;
        this.port = port;
        this.addresses = addresses;
        this.isDone = isDone;
        this.exchangesPeers = exchangesPeers;
    }

    ExtendedHandshake handshakeFor(ConnectedPeer peer) {
        boolean servesMetadata = !info.isPrivate();
        Set<Extension> extensions = EnumSet.of(Extension.UPLOAD_ONLY);
        if (servesMetadata) {
            extensions.add(Extension.METADATA);
        }
        if (exchangesPeers.test(peer)) {
            extensions.add(Extension.PEX);
        }
        return new ExtendedHandshake(
                ExtensionIds.ours(extensions),
                servesMetadata ? info.size() : 0,
                port,
                EngineLimits.REQUESTS_QUEUED,
                CLIENT,
                isDone.getAsBoolean(),
                peer.isSibling() ? Addresses.NONE : addresses.apply(peer.address()));
    }

    /**
     * Sends to {@code peers} whether the torrent wants anything when that has changed: at the end of a download, or with
     * its wish.
     */
    void sendChange(PeerSet peers) {
        boolean done = isDone.getAsBoolean();
        if (done == sentUploadOnly) {
            return;
        }
        sentUploadOnly = done;
        for (ConnectedPeer peer : peers) {
            // A whole handshake to others: some clients drop every extension that a later one does not name again.
            peer.connection.send(
                    peer.connection.supports(Extension.UPLOAD_ONLY) ? new UploadOnly(done) : handshakeFor(peer));
        }
    }
}
