package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.networks.Address;

/** What a socket's thread asks for the answer to a datagram. */
@FunctionalInterface
public interface Responder {
    /**
     * Appends to {@code out}, which is empty, the reply to {@code in}; nothing if there is none. Both are the socket's again
     * afterwards.
     *
     * @param sourcePort 0 to 65535; nothing can be sent to 0
     */
    void answer(ByteBuf in, Address source, int sourcePort, ByteBuf out);

    /** {@code in} is soon to be answered; told of all that came together before the first of them is. Reads, but moves no index. */
    default void foresee(ByteBuf in, Address source) {}

    /** All that came together have been told. */
    default void foreseen() {}
}
