package io.shoal.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Opens UDP sockets. */
public interface DatagramNetwork {
    /**
     * Opens a UDP socket on {@code local}, port 0 for any, whose datagrams are sent and received on {@code loop}. Must not
     * be called on that loop.
     *
     * @throws IOException if the port is taken, or the machine has no such address
     */
    Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException;
}
