package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;

/**
 * A peer as one replica tells the others: what it is now, not what it did, so that only the latest matters. The latest is the
 * one of the highest {@code at}, among equals that of the highest {@code replica}. {@code completed} and {@code downloaded}
 * alone say something of the swarm.
 *
 * @param torrent whose swarm
 * @param address where the peer is
 * @param port where it listens, 1 to 65535
 * @param peer fingerprint of its peer id
 * @param state what it is
 * @param leeched whether it was a leech
 * @param counted whether its completion is in {@code downloaded}
 * @param completed whether it has just become so: who hears of it counts it
 * @param downloaded of the swarm's peers of this family, as the replica knows it now, {@code completed} included: who has
 *     counted less takes this
 * @param at when the replica heard of it, milliseconds of its clock
 * @param replica that heard of it, 0 to 255
 */
public record Change(
        SwarmKey torrent,
        Address address,
        int port,
        int peer,
        PeerState state,
        boolean leeched,
        boolean counted,
        boolean completed,
        int downloaded,
        long at,
        int replica) {
    /** No replica has a higher number. */
    public static final int REPLICA_MOST = 255;
}
