package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Tells peers what this torrent supports and whether it wants anything: at first (BEP 10), and on change (BEP 21). */
final class ExtendedHandshakes {
    /** The name by which peers know this client. */
    static final String CLIENT = "Shoal 0.1";

    private final Info info;
    private final int port;
    private final Function<InetAddress, Addresses> addresses;
    private final BooleanSupplier isDone;

    /** What connected peers know: whether this torrent wants nothing. */
    private boolean sentUploadOnly;

    /**
     * @param port that is announced
     * @param addresses returns those that are sent to the peer with an address
     * @param isDone whether the torrent wants nothing
     */
    ExtendedHandshakes(Info info, int port, Function<InetAddress, Addresses> addresses, BooleanSupplier isDone) {
        this.info = info;
        this.port = port;
        this.addresses = addresses;
        this.isDone = isDone;
    }

    ExtendedHandshake handshakeFor(ConnectedPeer peer) {
        boolean servesMetadata = !info.isPrivate();
        return new ExtendedHandshake(
                ExtensionIds.ours(
                        servesMetadata
                                ? Set.of(Extension.METADATA, Extension.UPLOAD_ONLY)
                                : Set.of(Extension.UPLOAD_ONLY)),
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
