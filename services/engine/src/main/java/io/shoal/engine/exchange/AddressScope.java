package io.shoal.engine.exchange;

import io.shoal.egress.Egress;
import io.shoal.egress.GlobalEgress;
import java.net.InetAddress;
import java.util.List;

/**
 * Keeps addresses that are not globally reachable among peers that have such an address themselves: outsiders must
 * neither learn which hosts there are in a local network, nor make us connect to them.
 */
final class AddressScope {
    private static final Egress GLOBAL = new GlobalEgress(List.of());

    private AddressScope() {}

    /** Whether {@code address} is reachable in some local network only, if at all. */
    static boolean isLocal(InetAddress address) {
        return !GLOBAL.allows(address);
    }
}
