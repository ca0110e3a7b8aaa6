package io.shoal.tracker.announce;

import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.SwarmKey;
import org.jspecify.annotations.Nullable;

/**
 * An announce as the client sent it, read but not yet checked. It keeps one rule for both edges: a client that does not say in a
 * number from 0 to 2^63 - 1 what it lacks is a leech, because a wrong seed would be given to no client that needs it.
 *
 * @param torrent whose swarm
 * @param source the address from which it came
 * @param claimed the address at which the asker says that it is (`ip=`)
 * @param port where it says that it listens, 0 to 65535
 * @param peer its peer id
 * @param passkey what stood in the URL that it was given; null if nothing
 * @param uploaded 0 to 2^63 - 1
 * @param downloaded 0 to 2^63 - 1
 * @param left 0 to 2^63 - 1; any negative number means unknown and becomes 2^63 - 1
 * @param event why
 * @param wanted how many peers it wants; below 0, it did not say
 * @param most how many the edge has room for
 * @param bothFamilies whether the edge has room for peers of the other family
 */
public record Request(
        SwarmKey torrent,
        Address source,
        @Nullable Address claimed,
        int port,
        PeerKey peer,
        @Nullable PasskeyHash passkey,
        long uploaded,
        long downloaded,
        long left,
        Event event,
        int wanted,
        int most,
        boolean bothFamilies) {
    /** The value of {@code left} when the client sent none, or no number from 0 to 2^63 - 1. */
    public static final long LEFT_UNKNOWN = -1;

    public Request {
        left = left < 0 ? Long.MAX_VALUE : left;
    }
}
