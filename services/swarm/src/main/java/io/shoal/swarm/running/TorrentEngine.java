package io.shoal.swarm.running;

import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import java.util.function.Consumer;

/** The engine as slices use it. Every method may be called from anywhere. */
public interface TorrentEngine {
    /** Takes part in a swarm. */
    TorrentHandle join(TorrentSpec spec, Store store, TorrentListener listener);

    /** Looks for a magnet's metadata; {@code found} is given the info dictionary, verified, on any thread, once at most. */
    ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> found);
}
