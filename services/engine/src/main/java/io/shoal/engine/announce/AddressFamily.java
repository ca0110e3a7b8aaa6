package io.shoal.engine.announce;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** IPv4 or IPv6. A tracker keeps the peers of each apart, and learns a peer's address from where it announces (BEP 7). */
enum AddressFamily {
    V4,
    V6;

    static AddressFamily of(InetAddress address) {
        return address instanceof Inet6Address ? V6 : V4;
    }

    /** Returns the families of these addresses. */
    static Set<AddressFamily> among(List<InetAddress> addresses) {
        Set<AddressFamily> found = EnumSet.noneOf(AddressFamily.class);
        addresses.forEach(address -> found.add(of(address)));
        return found;
    }

    boolean includes(InetAddress address) {
        return of(address) == this;
    }
}
