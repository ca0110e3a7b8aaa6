package io.shoal.intake.infos;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.SharedReads;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The info dictionaries of planned torrents, by their object key. One key never has another content, so a cached layout stays
 * true.
 *
 * <p>No info dictionary is in memory outside a reservation of the {@link MemoryBudget}, and concurrent readers of one layout share
 * one read; only layouts are cached.
 */
@ApplicationScoped
public class InfoStore {
    private final ObjectStore store;
    private final MemoryBudget budget;
    private final SharedReads<FileLayout> reads = new SharedReads<>();
    private final Cache<String, FileLayout> cache;

    InfoStore(ObjectStore store, MemoryBudget budget, @ConfigProperty(name = "shoal.info-cache.bytes") long bytes) {
        this.store = store;
        this.budget = budget;
        cache = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((String key, FileLayout layout) -> layout.weight())
                .build();
    }

    /** Uses a layout that has its info dictionary, while memory for that is reserved. */
    @FunctionalInterface
    public interface LayoutUse<T> {
        T with(FileLayout layout) throws StoreUnavailableException;
    }

    /** Uses the bytes that a worker found for a magnet, while memory for them is reserved. */
    @FunctionalInterface
    public interface BytesUse<T> {
        T with(byte[] info) throws StoreUnavailableException;
    }

    /**
     * Writes the info dictionary of {@code layout}, durably, before any record names it. Writing the same again does no harm.
     */
    public void write(ObjectKeys keys, FileLayout layout) throws StoreUnavailableException {
        Info info = layout.info().orElseThrow(() -> new IllegalArgumentException("a layout without its info"));
        store.put(keys.info(), info.buffer());
        cache.put(keys.info(), layout.withoutInfo());
    }

    /** Deletes the info dictionary of a generation that no record names. */
    public void discard(ObjectKeys keys) throws StoreUnavailableException {
        cache.invalidate(keys.info());
        store.delete(List.of(keys.info()));
    }

    /** Returns the layout of a planned torrent, without its info dictionary. */
    public FileLayout read(ObjectKeys keys) throws StoreUnavailableException {
        FileLayout cached = cache.getIfPresent(keys.info());
        return cached != null ? cached : reads.read(keys.info(), () -> load(keys));
    }

    private FileLayout load(ObjectKeys keys) throws StoreUnavailableException {
        FileLayout cached = cache.getIfPresent(keys.info());
        if (cached != null) {
            return cached;
        }
        FileLayout layout = withInfo(keys, FileLayout::withoutInfo);
        cache.put(keys.info(), layout);
        return layout;
    }

    /**
     * Runs {@code use} with the layout of a planned torrent and its info dictionary; it must not reserve memory for another.
     */
    public <T> T withInfo(ObjectKeys keys, LayoutUse<T> use) throws StoreUnavailableException {
        long size = size(keys);
        return budget.with(Info.cost(size), () -> use.with(parse(keys, size)));
    }

    private FileLayout parse(ObjectKeys keys, long size) throws StoreUnavailableException {
        try {
            return FileLayout.of(Info.ofOwned(bytes(keys.info(), size)));
        } catch (NoSuchObjectException e) {
            throw lost(e);
        } catch (MetainfoException e) {
            throw new IllegalStateException("an info dictionary in the store is not what was written", e);
        }
    }

    /** Bytes of the info dictionary of a planned torrent. */
    public long size(ObjectKeys keys) throws StoreUnavailableException {
        return store.size(keys.info()).orElseThrow(() -> lost(null));
    }

    /** Streams the {@code size} bytes of the info dictionary of a planned torrent; the caller closes the stream. */
    public InputStream open(ObjectKeys keys, long size) throws StoreUnavailableException {
        try {
            return store.open(keys.info(), 0, size);
        } catch (NoSuchObjectException e) {
            throw lost(e);
        }
    }

    /** Runs {@code use} with what a worker found for a magnet and returns its result; empty if nothing is there. */
    public <T> Optional<T> withResolved(UUID transfer, BytesUse<T> use) throws StoreUnavailableException {
        return withBytes(ObjectKeys.resolved(transfer), use);
    }

    private <T> Optional<T> withBytes(String key, BytesUse<T> use) throws StoreUnavailableException {
        OptionalLong size = store.size(key);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        return budget.with(Info.cost(size.getAsLong()), () -> {
            byte[] bytes;
            try {
                bytes = bytes(key, size.getAsLong());
            } catch (NoSuchObjectException e) {
                return Optional.empty(); // another replica has deleted it meanwhile
            }
            return Optional.of(use.with(bytes));
        });
    }

    /** Deletes the info dictionary that a worker found for a magnet. */
    public void deleteResolved(UUID transfer) throws StoreUnavailableException {
        store.delete(List.of(ObjectKeys.resolved(transfer)));
    }

    /**
     * Keeps the info dictionary of a torrent whose generation ends, for a transfer that may be planned again.
     *
     * @return whether there was one
     */
    public boolean keep(ObjectKeys keys, UUID transfer) throws StoreUnavailableException {
        return withBytes(keys.info(), bytes -> {
                    store.put(ObjectKeys.resolved(transfer), ByteBuffer.wrap(bytes));
                    return true;
                })
                .isPresent();
    }

    /** Returns the transfers for which resolved metadata lies in the store. */
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

    private byte[] bytes(String key, long size) throws NoSuchObjectException, StoreUnavailableException {
        if (size > Limits.INFO_BYTES) {
            throw new IllegalStateException(key + " is larger than an info dictionary may be");
        }
        byte[] bytes = new byte[(int) size];
        store.read(key, 0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private static StoreUnavailableException lost(@Nullable Throwable cause) {
        return new StoreUnavailableException("the store has lost an info dictionary", cause);
    }
}
