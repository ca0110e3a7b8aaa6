package io.shoal.engine.swarms;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where peers reach this engine, as far as it knows: such an address is not dialled when a tracker names it. Others, such
 * as one that a network translates, are recognised when their handshake shows the engine's own peer id.
 */
final class OwnAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(OwnAddresses.class);

    private OwnAddresses() {}

    /**
     * Returns the announced address first, then those that are listened on; a wildcard stands for the addresses that the
     * machine has now.
     *
     * @param announced the address that is sent to trackers, which may be a name; null if there is none
     */
    static SequencedSet<InetSocketAddress> of(List<InetSocketAddress> listening, @Nullable String announced) {
        SequencedSet<InetSocketAddress> own = new LinkedHashSet<>();
        InetAddress literal = literal(announced);
        if (literal != null) {
            listening.forEach(address -> own.add(new InetSocketAddress(literal, address.getPort())));
        }
        own.addAll(listening);
        List<InetAddress> machine =
                listening.stream().anyMatch(each -> each.getAddress().isAnyLocalAddress())
                        ? ofThisMachine()
                        : List.of();
        for (InetSocketAddress each : listening) {
            InetAddress address = each.getAddress();
            if (address.isAnyLocalAddress()) {
                machine.stream()
                        .filter(local -> local.getAddress().length <= address.getAddress().length)
                        .forEach(local -> own.add(new InetSocketAddress(local, each.getPort())));
            }
        }
        return own;
    }

    private static List<InetAddress> ofThisMachine() {
        try (Stream<NetworkInterface> interfaces = NetworkInterface.networkInterfaces()) {
            return interfaces.flatMap(NetworkInterface::inetAddresses).toList();
        } catch (SocketException e) {
            LOG.warn("The addresses of this machine are unknown: it may dial itself once", e);
            return List.of();
        }
    }

    private static @Nullable InetAddress literal(@Nullable String address) {
        try {
            return address == null ? null : InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            return null; // a name: only trackers resolve it
        }
    }
}
