package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;

/**
 * A reply that waits for a registration. Its socket keeps the name that it goes to, because the batch that the request came in is
 * overwritten by the next one. Confined to the socket's thread.
 */
public abstract class DeferredReply {
    private byte[] name = {};

    /** The socket name that the reply goes to, as the kernel wrote it. */
    final void name(byte[] name) {
        this.name = name;
    }

    final byte[] name() {
        return name;
    }

    /** Appends the reply to {@code out}, which is empty; nothing while it must still wait, or if it is no longer worth sending. */
    protected abstract void write(ByteBuf out);

    /** It will never be written. */
    protected abstract void abandon();
}
