package io.shoal.tracker.members;

import io.shoal.tracker.networks.Address;

/**
 * Where a peer can be reached under one address family.
 *
 * @param at when it announced from there last, milliseconds of the tracker's clock
 */
record Location(Address address, int port, long at) {
    boolean isSameAs(Address otherAddress, int otherPort) {
        return port == otherPort && address.equals(otherAddress);
    }
}
