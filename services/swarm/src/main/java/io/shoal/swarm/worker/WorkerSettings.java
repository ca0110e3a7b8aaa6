package io.shoal.swarm.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a worker is configured with. Defaults are in {@code application.properties} or here; the fleet's key, the worker's name
 * and the scratch file have none.
 */
@ConfigMapping(prefix = "shoal")
public interface WorkerSettings {
    /** Partitions of every topic: fixed for the life of a deployment. */
    int partitions();

    /** Replicas of every topic; -1 for the brokers' default. */
    short replication();

    /** The same for all workers of a deployment and for nobody else: our names in swarms follow from it. */
    String fleetKey();

    /**
     * A file that says {@code true} when the worker's stop is for good: then it leaves the group and others take over at once.
     * Without it, or when it says anything else, a stop is a restart and nothing moves.
     */
    Optional<Path> leaveFile();

    /** How long storing and spilling may take when slices go to another worker, or the process ends. */
    Duration handOver();

    Worker worker();

    Peer peer();

    Egress egress();

    Scratch scratch();

    Cache cache();

    Kafka kafka();

    /** Who this worker is. */
    interface Worker {
        /** Its name, the same after a restart. */
        String name();

        /** Its number in the fleet, from 0: its ports follow from it. */
        @WithDefault("0")
        int index();
    }

    /** Where peers reach it. */
    interface Peer {
        /** The address to listen on. */
        String bind();

        /** The first port of worker 0; worker n has the four from {@code basePort + 4n}. */
        int basePort();

        /** The address that trackers are told; without it they see for themselves. */
        Optional<String> announce();
    }

    /** Whom it may reach. */
    interface Egress {
        /** Ranges that may be reached although they are not globally routable, and from which many peers may come. */
        Optional<List<String>> allow();
    }

    /** Where open segments fill up. */
    interface Scratch {
        Path file();

        MemorySize bytes();
    }

    /** What was read from the store and is kept. */
    interface Cache {
        MemorySize bytes();
    }

    /** How it belongs to the group. */
    interface Kafka {
        /** After so long without a sign of life it is taken for dead. */
        Duration sessionTimeout();
    }
}
