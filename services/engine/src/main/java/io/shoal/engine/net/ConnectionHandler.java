package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;

/** Hears of one connection, on its loop. */
public interface ConnectionHandler {
    /** It is open. The first that is heard; also told again to a new handler after {@link Connection#moveTo}. */
    void opened(Connection connection);

    /** Bytes have come. They belong to the caller: what is kept must be retained or copied. */
    void received(ByteBuf bytes);

    /** {@link Connection#isWritable} has changed. */
    void writabilityChanged();

    /** It is closed, or could not be opened. The last that is heard. */
    void closed();
}
