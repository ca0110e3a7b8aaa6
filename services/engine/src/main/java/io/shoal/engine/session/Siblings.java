package io.shoal.engine.session;

import java.util.List;

/** The other torrents of this engine that have a torrent's info-hash, as that torrent sees them. Any thread. */
public interface Siblings {
    /** Those that it may be introduced to: the public ones that let peers in. A private torrent has none. */
    List<RunningTorrent> introducible();

    /** Those that announce the same port as this torrent, and have announced it to the tracker with this URL. */
    List<Arrivals> announcing(String tracker);
}
