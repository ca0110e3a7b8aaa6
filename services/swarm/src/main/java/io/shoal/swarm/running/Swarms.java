package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The engine as slices use it. Every method may be called from anywhere. */
public interface Swarms {
    /** Takes part in a swarm. */
    Torrent join(TorrentSpec spec, Store store, TorrentListener listener);

    /** Looks for a magnet's metadata. */
    Search search(Magnet magnet, List<List<String>> trackers, PeerId peerId);

    /** A search that goes on until it has found or is closed. */
    interface Search {
        /** The info dictionary, verified. */
        CompletableFuture<byte[]> found();

        /** Leaves the swarm. */
        void close();
    }
}
