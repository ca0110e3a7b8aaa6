package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;

/** What all peers of one torrent stand in. Used on the torrent's loop. */
public interface TorrentContext {
    Loop loop();

    Pieces pieces();

    Store store();

    /** What we say first. */
    Handshake handshake();

    /** Whether payload may be received now: within the rate, and the store keeps up. */
    boolean mayReceive();

    /** Whether payload may be sent now. */
    boolean maySend();

    void countReceived(int bytes);

    void countSent(int bytes);

    /** {@code peer} was told no by {@link #mayReceive} or {@link #maySend}: it is to be {@link Peer#resume resumed} soon. */
    void resumeLater(Peer peer);

    /** Whether {@code piece} may be served. */
    boolean canServe(int piece);
}
