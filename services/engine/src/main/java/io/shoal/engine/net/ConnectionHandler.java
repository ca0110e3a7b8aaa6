package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;

/** Is notified about one connection, on its loop. */
public interface ConnectionHandler {
    /** The connection is open. The first call; made again to a new handler after {@link Connection#moveTo}. */
    void opened(Connection connection);

    /** Bytes were received. They belong to the caller: what is kept must be retained or copied. */
    void received(ByteBuf bytes);

    /** {@link Connection#isWritable} has changed. */
    void writabilityChanged();

    /** The connection is closed, or could not be opened. The last call. */
    void closed();
}
