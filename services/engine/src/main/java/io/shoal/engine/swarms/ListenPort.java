package io.shoal.engine.swarms;

import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One port, at which peers arrive over TCP, and datagrams over UDP.
 *
 * <p>Invariant: every address of it has the same number, for TCP and UDP alike, because that number is all that trackers
 * are told.
 *
 * @param addresses that are listened on, with the actual number
 */
record ListenPort(List<InetSocketAddress> addresses, DatagramPort datagrams) {
    /** How many numbers are tried where any will do: one that is free for UDP may be taken for TCP. */
    private static final int TRIES = 20;

    ListenPort {
        addresses = List.copyOf(addresses);
    }

    int number() {
        return datagrams.number();
    }

    /** Groups addresses by port: those with one number are one port, and each with the number 0 is a port of its own. */
    static List<List<InetSocketAddress>> grouped(List<InetSocketAddress> addresses) {
        Map<Integer, List<InetSocketAddress>> groups = new LinkedHashMap<>();
        for (InetSocketAddress address : addresses) {
            int key = address.getPort() == 0 ? -1 - groups.size() : address.getPort();
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(address);
        }
        return List.copyOf(groups.values());
    }

    /**
     * Opens a port.
     *
     * @param addresses with one number; a single one may have the number 0, for any that is free for TCP and UDP
     * @throws IOException if one of them cannot be listened on
     */
    static ListenPort open(
            Network network,
            Loop loop,
            List<InetSocketAddress> addresses,
            Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException {
        boolean any = addresses.getFirst().getPort() == 0;
        for (int tries = 1; ; tries++) {
            DatagramPort datagrams = DatagramPort.open(network, loop, addresses);
            try {
                List<InetSocketAddress> listening = new ArrayList<>();
                for (InetSocketAddress address : addresses) {
                    listening.add(
                            network.listen(new InetSocketAddress(address.getAddress(), datagrams.number()), accept));
                }
                return new ListenPort(listening, datagrams);
            } catch (IOException e) {
                datagrams.close();
                if (!any || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Returns the counts of all datagrams. */
    static DatagramPort.Counters counters(Collection<ListenPort> ports) {
        return ports.stream()
                .map(port -> port.datagrams.counters())
                .reduce(DatagramPort.Counters.NONE, DatagramPort.Counters::plus);
    }
}
