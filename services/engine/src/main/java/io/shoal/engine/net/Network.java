package io.shoal.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Function;

/**
 * Opens connections and listens for them, and opens UDP sockets. Consists of loops, over which torrents are spread.
 */
public interface Network extends DatagramNetwork, AutoCloseable {
    /** The loops; at least one. */
    List<? extends Loop> loops();

    /**
     * Connects to {@code remote}. {@link ConnectionHandler#opened} or {@link ConnectionHandler#closed} is called on
     * {@code loop}.
     */
    void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler);

    /**
     * Listens on {@code local}, port 0 for any, and passes each incoming connection to the handler that {@code accept}
     * creates for the peer's address. The connection starts on any loop; {@link Connection#moveTo} moves it to the loop
     * of its torrent.
     *
     * @return the address that the socket is bound to
     */
    InetSocketAddress listen(InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException;

    @Override
    void close();
}
