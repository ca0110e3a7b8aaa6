package io.shoal.engine;

import java.net.InetAddress;

/** Is notified about one torrent, on its loop. Must not block. */
public interface TorrentListener {
    /** A piece is verified and handed to the store. */
    void verified(int piece);

    /** No wanted piece is missing. Called again after more was wanted or something was lost. */
    void finished();

    /** A piece failed its hash; {@code banned} was proven to have sent wrong data and is not connected to again. */
    void banned(InetAddress banned, int piece);

    /** The store failed to keep a block. The torrent sends no request until {@link TorrentHandle#setMode} is called. */
    void storeFailed(Throwable cause);

    /**
     * A fault of the engine, of its store or of a listener has ended the torrent, and is logged: nothing more is
     * requested or served. The handle must still be closed. Called once at most.
     */
    default void failed(Throwable cause) {}
}
