package io.shoal.swarm.running;

import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import java.util.function.Consumer;

/** The engine as slices use it. Every method may be called from any thread. */
public interface TorrentEngine {
    /** Joins a swarm. */
    TorrentHandle join(TorrentSpec spec, Store store, TorrentListener listener);

    /**
     * Searches for a magnet's metadata; {@code found} receives the info dictionary, verified, on any thread, at most
     * once.
     */
    ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> found);
}
