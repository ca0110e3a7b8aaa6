package io.shoal.storage.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.MemoryBudget.ExhaustedException;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.SharedReads;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Caches the layouts of the torrents used last; others are read from their info objects. Concurrent readers of one layout share one
 * read, and all reads together stay within a {@link MemoryBudget}.
 */
@ApplicationScoped
public class SegmentLayouts {
    /** Memory of all cached layouts. */
    private static final long CACHED_BYTES = 32 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ObjectStore store;
    private final MemoryBudget budget;
    private final SharedReads<Optional<SegmentLayout>> reads = new SharedReads<>();
    private final Cache<String, SegmentLayout> cache = Caffeine.newBuilder()
            .maximumWeight(CACHED_BYTES)
            .weigher((String key, SegmentLayout layout) -> layout.weight())
            .build();

    @Inject
    SegmentLayouts(ObjectStore store) {
        this(store, MemoryBudget.ofHeap(PATIENCE.toMillis()));
    }

    SegmentLayouts(ObjectStore store, MemoryBudget budget) {
        this.store = store;
        this.budget = budget;
    }

    /**
     * The layout of the torrent whose info dictionary is the object {@code infoKey}.
     *
     * @throws StoreUnavailableException if the store is away, or too many others are parsed at this time
     */
    public SegmentLayout get(String infoKey) throws NoSuchObjectException, StoreUnavailableException {
        SegmentLayout cached = cache.getIfPresent(infoKey);
        if (cached != null) {
            return cached;
        }
        try {
            return reads.read(infoKey, () -> load(infoKey)).orElseThrow(() -> new NoSuchObjectException(infoKey));
        } catch (ExhaustedException e) {
            throw new StoreUnavailableException("reading an info dictionary", e);
        }
    }

    private Optional<SegmentLayout> load(String infoKey) throws StoreUnavailableException {
        SegmentLayout cached = cache.getIfPresent(infoKey);
        if (cached != null) {
            return Optional.of(cached);
        }
        OptionalLong size = store.size(infoKey);
        Optional<SegmentLayout> layout = size.isEmpty()
                ? Optional.empty()
                : budget.with(Info.cost(size.getAsLong()), () -> parse(infoKey, size.getAsLong()));
        layout.ifPresent(parsed -> cache.put(infoKey, parsed));
        return layout;
    }

    private Optional<SegmentLayout> parse(String infoKey, long size) throws StoreUnavailableException {
        if (size > Limits.INFO_BYTES) {
            throw new IllegalStateException(infoKey + " is larger than an info dictionary may be");
        }
        byte[] info = new byte[(int) size];
        try {
            store.read(infoKey, 0, ByteBuffer.wrap(info));
            return Optional.of(SegmentLayout.of(Info.ofOwned(info)));
        } catch (NoSuchObjectException e) {
            return Optional.empty(); // purged meanwhile
        } catch (MetainfoException e) {
            throw new IllegalStateException("the object that intake planned is no info dictionary: " + infoKey, e);
        }
    }
}
