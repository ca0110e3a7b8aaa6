package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.networks.Address;
import org.jspecify.annotations.Nullable;

/** Answers the datagrams of a socket's thread. */
@FunctionalInterface
public interface Responder {
    /**
     * Appends to {@code out}, which is empty, the reply to {@code in}; nothing if there is none. Both are the socket's again
     * afterwards.
     *
     * @param sourcePort 0 to 65535; nothing can be sent to 0
     */
    void answer(ByteBuf in, Address source, int sourcePort, ByteBuf out);

    /** The reply that the last {@link #answer}, which appended nothing, will give later; null if there will be none. */
    default @Nullable DeferredReply deferred() {
        return null;
    }

    /** Removes and returns a deferred reply that must be written now, or null. Called repeatedly while there are some. */
    default @Nullable DeferredReply nextDeferred() {
        return null;
    }

    /** The socket's thread ends: deferred replies are never written. */
    default void close() {}

    /** Called for each datagram of a batch before the first of them is answered. Must not move an index of {@code in}. */
    default void prefetch(ByteBuf in, Address source) {}

    /** Called after {@link #prefetch} was called for the whole batch. */
    default void runPrefetch() {}
}
