package io.shoal.intake.infos;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The info dictionaries of planned torrents, by their object key. One key has one content for ever, so what is cached is
 * true.
 */
@ApplicationScoped
public class InfoStore {
    /** What is made of an info dictionary takes about this many times its bytes. */
    private static final int EXPANSION = 4;

    private final ObjectStore store;
    private final Cache<String, FileLayout> cache;

    InfoStore(ObjectStore store, @ConfigProperty(name = "shoal.info-cache.bytes") long bytes) {
        this.store = store;
        cache = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((String key, FileLayout layout) -> layout.info().size() * EXPANSION)
                .build();
    }

    /** Writes an info dictionary, durably, before anybody is told of it. Writing the same again does no harm. */
    public void write(ObjectKeys keys, FileLayout layout) throws StoreUnavailableException {
        store.put(keys.info(), ByteBuffer.wrap(layout.info().bytes()));
        cache.put(keys.info(), layout);
    }

    /** Deletes one that nobody was told of. */
    public void discard(ObjectKeys keys) throws StoreUnavailableException {
        cache.invalidate(keys.info());
        store.delete(List.of(keys.info()));
    }

    /** The layout of a planned torrent. */
    public FileLayout read(ObjectKeys keys) throws StoreUnavailableException {
        String key = keys.info();
        FileLayout cached = cache.getIfPresent(key);
        if (cached != null) {
            return cached;
        }
        try {
            FileLayout layout = FileLayout.of(Info.parse(store.get(key, Limits.INFO_BYTES)));
            cache.put(key, layout);
            return layout;
        } catch (NoSuchObjectException e) {
            throw new StoreUnavailableException("the store has lost an info dictionary", e);
        } catch (MetainfoException e) {
            throw new IllegalStateException("an info dictionary in the store is not what was written", e);
        }
    }

    /** What a worker found for a magnet; empty if it is not there. */
    public Optional<byte[]> resolved(UUID transfer) throws StoreUnavailableException {
        try {
            return Optional.of(store.get(ObjectKeys.resolved(transfer), Limits.INFO_BYTES));
        } catch (NoSuchObjectException e) {
            return Optional.empty();
        }
    }

    /** Deletes what a worker found for a magnet. */
    public void deleteResolved(UUID transfer) throws StoreUnavailableException {
        store.delete(List.of(ObjectKeys.resolved(transfer)));
    }

    /**
     * Keeps the info dictionary of a torrent whose generation ends, for a transfer that may be planned again.
     *
     * @return whether there was one
     */
    public boolean keep(ObjectKeys keys, UUID transfer) throws StoreUnavailableException {
        try {
            store.put(ObjectKeys.resolved(transfer), ByteBuffer.wrap(store.get(keys.info(), Limits.INFO_BYTES)));
            return true;
        } catch (NoSuchObjectException e) {
            return false;
        }
    }

    /** Transfers for which resolved metadata lies in the store. */
    public List<UUID> resolvedTransfers() throws StoreUnavailableException {
        List<UUID> found = new ArrayList<>();
        store.list(ObjectKeys.RESOLVED, object -> transferOf(object.key()).ifPresent(found::add));
        return found;
    }

    private static Optional<UUID> transferOf(String key) {
        try {
            return Optional.of(UUID.fromString(key.substring(ObjectKeys.RESOLVED.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not written by this platform: left alone
        }
    }

    /** Deletes what workers found for these magnets. */
    public void deleteResolved(List<UUID> ids) throws StoreUnavailableException {
        store.delete(ids.stream().map(ObjectKeys::resolved).toList());
    }
}
