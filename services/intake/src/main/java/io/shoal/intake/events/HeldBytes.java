package io.shoal.intake.events;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of events that wait for slow clients: of one library, and of all of them together. Bytes that several clients wait for are
 * there once and count once.
 */
final class HeldBytes {
    private final AtomicLong held = new AtomicLong();
    private final long most;
    private final @Nullable HeldBytes all;

    /**
     * @param most more than so many are too many
     * @param all which this is a part of; null: it is all of them
     */
    HeldBytes(long most, @Nullable HeldBytes all) {
        this.most = most;
        this.all = all;
    }

    void add(long bytes) {
        held.addAndGet(bytes);
        if (all != null) {
            all.add(bytes);
        }
    }

    /** Returns whether no more should be made for clients that have something to read. */
    boolean areTooMany() {
        return held.get() > most || all != null && all.areTooMany();
    }

    long get() {
        return held.get();
    }
}
