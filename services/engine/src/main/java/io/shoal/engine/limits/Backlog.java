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

    /** Whether more may be received. */
    public boolean isOpen() {
        return bytes.get() < EngineLimits.UNWRITTEN_BYTES;
    }
}
