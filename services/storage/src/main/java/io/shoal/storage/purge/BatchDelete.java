package io.shoal.storage.purge;

import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;

/** Deletes keys as they are named, a request's worth at a time, so that a purge of any size needs little memory. */
final class BatchDelete {
    /** Keys in one request: the protocol's limit. */
    private static final int AT_ONCE = 1_000;

    private final ObjectStore store;
    private final List<String> pending = new ArrayList<>(AT_ONCE);
    private long deleted;

    BatchDelete(ObjectStore store) {
        this.store = store;
    }

    /** {@code key} is to go. */
    void add(String key) throws StoreUnavailableException {
        pending.add(key);
        if (pending.size() == AT_ONCE) {
            flush();
        }
    }

    /** All that were named are gone when this returns how many they were. */
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
