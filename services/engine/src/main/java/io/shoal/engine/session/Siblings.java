package io.shoal.engine.session;

import io.shoal.engine.picking.Claims;
import java.util.List;
import java.util.function.LongSupplier;

/** The other torrents of this engine that have a torrent's info-hash, as that torrent sees them. Any thread. */
public interface Siblings {
    /** Those that it may be introduced to: the public ones that let peers in. A private torrent has none. */
    List<RunningTorrent> connectable();

    /** What this torrent and they tell one another of {@code pieces} pieces; nothing if it is private. */
    Claims claims(int pieces, LongSupplier clock);

    /** Those that announce the same port as this torrent, and have announced it to the tracker with this URL. */
    List<PeerAcceptor> sharingPortAt(String tracker);
}
