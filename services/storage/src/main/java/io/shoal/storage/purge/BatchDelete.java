package io.shoal.storage.purge;

import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;

/** Deletes keys in batches of one request each, so that a purge of any size needs little memory. */
final class BatchDelete {
    /** Keys in one request: the protocol's limit. */
    private static final int AT_ONCE = 1_000;

    private final ObjectStore store;
    private final List<String> pending = new ArrayList<>(AT_ONCE);
    private long deleted;

    BatchDelete(ObjectStore store) {
        this.store = store;
    }

    /** Adds a key to the batch, which is deleted when it is full. */
    void add(String key) throws StoreUnavailableException {
        pending.add(key);
        if (pending.size() == AT_ONCE) {
            flush();
        }
    }

    /** Deletes the keys that are still pending; returns the number of keys deleted in all. */
    long finish() throws StoreUnavailableException {
        flush();
        return deleted;
    }

    private void flush() throws StoreUnavailableException {
        if (!pending.isEmpty()) {
            store.delete(pending);
            deleted += pending.size();
            pending.clear();
        }
    }
}
