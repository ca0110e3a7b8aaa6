package io.shoal.tracker.swarms;

/**
 * What the swarms keep, and for how long.
 *
 * @param lifetime milliseconds without an announce after which a peer is gone
 * @param memoryOfStopped milliseconds for which a peer that stopped is remembered
 * @param peers of all swarms together, at most 2^30; further ones are answered, not remembered
 */
public record SwarmLimits(int lifetime, int memoryOfStopped, int peers) {
    /** A sixty-fourth of them, each in a swarm of its own, must not pass what a shard can number. */
    private static final int PEERS_MOST = 1 << 30;

    public SwarmLimits {
        if (peers < 0 || peers > PEERS_MOST) {
            throw new IllegalArgumentException("0 <= peers <= " + PEERS_MOST);
        }
    }
}
