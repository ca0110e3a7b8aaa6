package io.shoal.storage.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;

/** Layouts of the torrents that were asked for last; others are read from their info objects. */
@ApplicationScoped
public class SegmentLayouts {
    /** Files and segments of all cached layouts: about 64 MiB. */
    private static final long CACHED = 1_000_000;

    /** Infos parsed at once: each may be of 32 MiB, and several times that while it is parsed. */
    private static final int PARSED_AT_ONCE = 2;

    private final ObjectStore store;
    private final Semaphore parsing = new Semaphore(PARSED_AT_ONCE);
    private final Cache<String, SegmentLayout> cache = Caffeine.newBuilder()
            .maximumWeight(CACHED)
            .weigher((String key, SegmentLayout layout) -> layout.weight())
            .build();

    SegmentLayouts(ObjectStore store) {
        this.store = store;
    }

    /** The layout of the torrent whose info dictionary is the object {@code infoKey}. */
    public SegmentLayout get(String infoKey) throws NoSuchObjectException, StoreUnavailableException {
        SegmentLayout cached = cache.getIfPresent(infoKey);
        if (cached != null) {
            return cached;
        }
        parsing.acquireUninterruptibly();
        try {
            SegmentLayout parsed = SegmentLayout.of(Info.parse(store.get(infoKey, Limits.INFO_BYTES)));
            cache.put(infoKey, parsed);
            return parsed;
        } catch (MetainfoException e) {
            throw new IllegalStateException("intake planned what is no info dictionary: " + infoKey, e);
        } finally {
            parsing.release();
        }
    }
}
