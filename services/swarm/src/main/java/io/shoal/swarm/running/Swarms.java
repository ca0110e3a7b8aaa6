package io.shoal.swarm.running;

import io.shoal.engine.Resolution;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import java.util.function.Consumer;

/** The engine as slices use it. Every method may be called from anywhere. */
public interface Swarms {
    /** Takes part in a swarm. */
    Torrent join(TorrentSpec spec, Store store, TorrentListener listener);

    /** Looks for a magnet's metadata; {@code found} is given the info dictionary, verified, on any thread, once at most. */
    Resolution resolve(ResolveSpec spec, Consumer<byte[]> found);
}
