package io.shoal.tracker.members;

import io.shoal.tracker.networks.Address;

/**
 * Where a peer can be reached under one address family.
 *
 * @param port 1 to 65535
 * @param at when it announced from there last, milliseconds of the tracker's clock
 */
public record Location(Address address, int port, long at) {
    boolean isSameAs(Location other) {
        return port == other.port && address.equals(other.address);
    }
}
