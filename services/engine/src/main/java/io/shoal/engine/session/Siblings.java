package io.shoal.engine.session;

import io.shoal.engine.picking.Claims;
import java.util.List;
import java.util.function.LongSupplier;

/** The other torrents of this engine that have a torrent's info-hash, as that torrent sees them. Any thread. */
public interface Siblings {
    /** Returns the torrents that it may connect to: the public ones that accept peers. None for a private torrent. */
    List<? extends Sibling> connectable();

    /** Returns the claims that it shares with them on {@code pieces} pieces; none for a private torrent. */
    Claims claims(int pieces, LongSupplier clock);

    /**
     * Returns the torrents that announce the same port as this torrent, and have announced it to the tracker with this
     * URL.
     */
    List<PeerAcceptor> sharingPortAt(String tracker);
}
