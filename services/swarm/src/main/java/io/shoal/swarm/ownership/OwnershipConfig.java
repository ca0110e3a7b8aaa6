package io.shoal.swarm.ownership;

import java.time.Duration;

/**
 * How a worker joins its fleet.
 *
 * @param bootstrapServers Kafka's brokers
 * @param worker our name, the same after a restart: the static member's
 * @param session after so long without a sign of life we are taken for dead; the brokers must allow it
 * @param handOver how long storing and spilling may take when slices are revoked
 * @param startsPerSecond how many slices are begun in a second
 */
public record OwnershipConfig(
        String bootstrapServers, String worker, Duration session, Duration handOver, int startsPerSecond) {
    /** The group of all workers. */
    public static final String GROUP = "swarm";
}
