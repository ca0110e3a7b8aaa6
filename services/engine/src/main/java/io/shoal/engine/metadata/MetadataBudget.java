package io.shoal.engine.metadata;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of all metadata that is being fetched in one engine. Shared by its loops; any thread may use it.
 */
public final class MetadataBudget {
    /** Two of the largest info dictionaries at once, or hundreds of common ones. */
    public static final long BYTES_MAX = 64L << 20;

    private final AtomicLong left;

    /** Creates a budget of {@code bytes}; normally {@link #BYTES_MAX}. */
    public MetadataBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** @return false if {@code bytes} are not available now; nothing is taken then */
    boolean tryAcquire(int bytes) {
        long before;
        do {
            before = left.get();
            if (before < bytes) {
                return false;
            }
        } while (!left.compareAndSet(before, before - bytes));
        return true;
    }

    void release(int bytes) {
        left.addAndGet(bytes);
    }
}
