package io.shoal.engine.metadata;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of all metadata that is being fetched in one engine. Only bytes that were received count, not those
 * that peers promise. A fetch may hold no more than it leaves to all others, so small metadata finds room while peers
 * send large ones that may be lies. Shared by the engine's loops; any thread may use it.
 */
public final class MetadataBudget {
    /** Two of the largest info dictionaries at once, or hundreds of common ones. */
    public static final long BYTES_MAX = 64L << 20;

    private final AtomicLong left;

    /** Creates a budget of {@code bytes}; normally {@link #BYTES_MAX}. */
    public MetadataBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** Whether a fetch that holds {@code held} bytes may receive {@code bytes} more. */
    boolean allows(int bytes, long held) {
        return allows(left.get(), bytes, held);
    }

    private static boolean allows(long left, int bytes, long held) {
        return left - bytes >= held;
    }

    /**
     * Takes {@code bytes} that were received.
     *
     * @param held bytes that the same fetch holds already
     * @return false if they are not available now; nothing is taken then
     */
    boolean tryAcquire(int bytes, long held) {
        long before;
        do {
            before = left.get();
            if (!allows(before, bytes, held)) {
                return false;
            }
        } while (!left.compareAndSet(before, before - bytes));
        return true;
    }

    void release(long bytes) {
        left.addAndGet(bytes);
    }
}
