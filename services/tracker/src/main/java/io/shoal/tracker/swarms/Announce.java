package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;

/**
 * One announce, whatever carried it.
 *
 * @param torrent whose swarm
 * @param address where the peer is
 * @param port where it listens, 1 to 65535; 0 only with {@link Event#STOPPED}
 * @param peer a fingerprint of the peer id: tells a new client at an old address, and one client at its two addresses
 * @param uploaded bytes since `started`, 0 to 2^63 - 1
 * @param downloaded bytes since `started`, 0 to 2^63 - 1
 * @param left bytes that it lacks, 0 to 2^63 - 1; 0 makes it a seed
 * @param event why it announces
 * @param wanted how many peers it is given at most
 * @param bothFamilies whether the reply has room for peers of the other family
 * @param at when it arrived, milliseconds of the tracker's clock
 */
public record Announce(
        SwarmKey torrent,
        Address address,
        int port,
        int peer,
        long uploaded,
        long downloaded,
        long left,
        Event event,
        int wanted,
        boolean bothFamilies,
        long at) {
    /** The same at another time. */
    public Announce at(long time) {
        return new Announce(
                torrent, address, port, peer, uploaded, downloaded, left, event, wanted, bothFamilies, time);
    }
}
