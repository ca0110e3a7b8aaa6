package io.shoal.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Function;

/** Opens connections and listens for them. Made of loops, over which torrents are spread. */
public interface Network extends AutoCloseable {
    /** The loops; at least one. */
    List<? extends Loop> loops();

    /**
     * Connects to {@code remote}. The handler hears {@link ConnectionHandler#opened} or
     * {@link ConnectionHandler#closed}, on {@code loop}.
     */
    void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler);

    /**
     * Listens on {@code local}, port 0 for any, and hands each incoming connection to the handler that {@code accept} makes
     * for the peer's address. Such a connection begins on any loop; {@link Connection#moveTo} brings it to its torrent's.
     *
     * @return the address that is listened on
     */
    InetSocketAddress listen(InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException;

    @Override
    void close();
}
