package io.shoal.engine;

import java.net.InetAddress;

/** Hears of one torrent, on its loop. Must not block. */
public interface TorrentListener {
    /** A piece is verified and handed to the store. */
    void verified(int piece);

    /** Nothing that is wanted is missing any more. Heard again after more was wanted or something was lost. */
    void finished();

    /** A piece failed its hash; {@code banned} was proven to have lied and is not talked to again. */
    void banned(InetAddress banned, int piece);

    /** The store failed to keep a block. The torrent asks for nothing until {@link TorrentHandle#setMode} is called. */
    void storeFailed(Throwable cause);
}
