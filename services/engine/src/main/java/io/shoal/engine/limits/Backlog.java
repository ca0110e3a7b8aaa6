package io.shoal.engine.limits;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes received and not yet written, over all torrents: the memory that a slow store costs. */
public final class Backlog {
    private final AtomicLong bytes = new AtomicLong();

    public void add(int received) {
        bytes.addAndGet(received);
    }

    public void remove(int written) {
        bytes.addAndGet(-written);
    }

    /** Bytes that may still be received. */
    public long room() {
        return Math.max(0, EngineLimits.UNWRITTEN_BYTES - bytes.get());
    }

    /** Whether more may be received. */
    public boolean isOpen() {
        return bytes.get() < EngineLimits.UNWRITTEN_BYTES;
    }
}
