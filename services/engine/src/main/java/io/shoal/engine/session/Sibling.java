package io.shoal.engine.session;

import io.shoal.engine.net.DirectConnection;

/** Another torrent of this engine that has the same info-hash, to which a torrent may connect. Any thread. */
public interface Sibling {
    /** Returns what other torrents see of it. */
    Presence presence();

    /** Returns its end of a new connection. */
    DirectConnection.End acceptSibling();
}
