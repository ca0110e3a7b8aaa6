package io.shoal.swarm.running;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Peers that a magnet names (BEP 9, {@code x.pe}): addresses only, because names would have to be resolved and are not
 * used in practice.
 */
final class MagnetPeers {
    private static final Logger LOG = LoggerFactory.getLogger(MagnetPeers.class);

    private MagnetPeers() {}

    /** Returns those of {@code named}, each {@code host:port}, that are addresses. */
    static List<InetSocketAddress> addresses(List<String> named) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String peer : named) {
            int colon = peer.lastIndexOf(':');
            try {
                addresses.add(new InetSocketAddress(
                        InetAddress.ofLiteral(
                                peer.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "")),
                        Integer.parseInt(peer.substring(colon + 1))));
            } catch (IllegalArgumentException e) {
                LOG.debug("A magnet names a peer that is no address");
            }
        }
        return addresses;
    }
}
