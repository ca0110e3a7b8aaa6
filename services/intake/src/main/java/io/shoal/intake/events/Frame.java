package io.shoal.intake.events;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicInteger;

/** One or more events as they are sent: encoded once, and shared by all streams that send them. */
final class Frame {
    private final Buffer bytes;
    private final HeldBytes held;
    private final AtomicInteger holders = new AtomicInteger();

    /** @param held where its bytes count while a stream has not sent them */
    Frame(byte[] bytes, HeldBytes held) {
        this.bytes = Buffer.buffer(bytes);
        this.held = held;
    }

    int length() {
        return bytes.length();
    }

    /** Returns a part of it, without a copy. */
    Buffer part(int from, int to) {
        return bytes.slice(from, to);
    }

    /** A stream begins to hold it. */
    void hold() {
        if (holders.getAndIncrement() == 0) {
            held.add(length());
        }
    }

    /** A stream has sent it, or was closed. */
    void release() {
        if (holders.decrementAndGet() == 0) {
            held.add(-length());
        }
    }
}
