package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;

/** The torrent as seen by its peers. Used on the torrent's loop. */
public interface TorrentContext {
    Loop loop();

    Pieces pieces();

    Store store();

    /** Our handshake. */
    Handshake handshake();

    /** Whether payload may be received now: within the rate limit, and the store keeps up. */
    boolean mayReceive();

    /** Whether payload may be sent now. */
    boolean maySend();

    void countReceived(int bytes);

    void countSent(int bytes);

    /**
     * {@code peer} must wait because {@link #mayReceive} or {@link #maySend} was false: it is
     * {@link Peer#resume resumed} soon.
     */
    void resumeLater(Peer peer);

    /** Whether {@code piece} may be served. */
    boolean canServe(int piece);
}
