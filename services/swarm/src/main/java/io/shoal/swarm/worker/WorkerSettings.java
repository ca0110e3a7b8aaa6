package io.shoal.swarm.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.shoal.engine.EncryptionPolicy;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of a worker. Defaults are in {@code application.properties} or here; the fleet's key, the worker's
 * name and the scratch file have none.
 */
@ConfigMapping(prefix = "shoal")
public interface WorkerSettings {
    /** Partitions of every topic: fixed for the life of a deployment. */
    int partitions();

    /** Replicas of every topic; -1 for the brokers' default. */
    short replication();

    /** The same for all workers of a deployment, and secret: peer ids are derived from it. */
    String fleetKey();

    /**
     * A file that contains {@code true} when the stop of the worker is permanent: then it leaves the group and other
     * workers take over at once. Otherwise, also without the file, a stop is a restart and nothing moves.
     */
    Optional<Path> leaveFile();

    /** How long storing and spilling may take when slices go to another worker, or the process ends. */
    Duration handOver();

    Worker worker();

    Peer peer();

    Rates rates();

    Egress egress();

    Scratch scratch();

    Cache cache();

    Kafka kafka();

    /** The identity of this worker. */
    interface Worker {
        /** Its name, the same after a restart. */
        String name();

        /** Its number in the fleet, from 0: its ports follow from it. */
        @WithDefault("0")
        int index();
    }

    /** Where peers reach it. */
    interface Peer {
        /** The addresses to listen on, over TCP and UDP; without them all of the machine, IPv6 and IPv4. */
        Optional<List<String>> bind();

        /** The first port of worker 0; worker n has the four from {@code basePort + 4n}. */
        int basePort();

        /**
         * The address that is announced to trackers; without it, and for the address family that it is not of, they use the
         * source address.
         */
        Optional<String> announce();

        /** Which connections with peers are encrypted. */
        @WithDefault("allowed")
        EncryptionPolicy encryption();
    }

    /** Bytes per second over all swarms of the worker; 0 for no limit. */
    interface Rates {
        @WithDefault("0")
        long down();

        @WithDefault("0")
        long up();
    }

    /** Which addresses it may reach. */
    interface Egress {
        /** Ranges that may be reached although they are not globally routable, and from which many peers may come. */
        Optional<List<String>> allow();
    }

    /** The file in which open segments are filled. */
    interface Scratch {
        Path file();

        MemorySize bytes();
    }

    /** The cache of bytes read from the store. */
    interface Cache {
        MemorySize bytes();
    }

    /** The membership in the group. */
    interface Kafka {
        /** After this time without a heartbeat it counts as dead. */
        Duration sessionTimeout();
    }
}
