package io.shoal.swarm.ownership;

import io.shoal.contracts.topics.KafkaClientConfig;
import java.time.Duration;

/**
 * Configuration of a worker's membership in its fleet.
 *
 * @param kafka the settings of every Kafka client
 * @param worker name of this worker, the same after a restart: the id of the static member
 * @param session after this time without a heartbeat the worker counts as dead; the brokers must allow it
 * @param handOver how long storing and spilling may take when slices are revoked
 * @param startsPerSecond how many slices are started per second
 */
public record OwnershipConfig(
        KafkaClientConfig kafka, String worker, Duration session, Duration handOver, int startsPerSecond) {
    private static final int HEARTBEATS_PER_SESSION = 5;

    /** The group of all workers. */
    public static final String GROUP = "swarm";

    /** The time between two heartbeats. */
    Duration heartbeat() {
        return session.dividedBy(HEARTBEATS_PER_SESSION);
    }
}
