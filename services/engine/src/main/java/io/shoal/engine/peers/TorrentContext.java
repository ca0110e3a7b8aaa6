package io.shoal.engine.peers;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;

/** The torrent as seen by its peers. Used on the torrent's loop. */
public interface TorrentContext {
    Loop loop();

    Pieces pieces();

    Store store();

    /** Our handshake. */
    Handshake handshake();

    /** Whether payload may be received now: the store keeps up. */
    boolean mayReceive();

    /** The torrent's share of the download rate. */
    Share downShare();

    /** The torrent's share of the upload rate. */
    Share upShare();

    void countReceived(int bytes);

    /** Payload was sent. */
    void countSent(int bytes);

    /** {@code peer} must wait because {@link #mayReceive} was false: it is {@link Peer#resume resumed} soon. */
    void resumeLater(Peer peer);

    /** Whether so many connections are open that idle ones should be closed. */
    boolean areConnectionsScarce();

    /** Whether {@code piece} may be served. */
    boolean canServe(int piece);
}
