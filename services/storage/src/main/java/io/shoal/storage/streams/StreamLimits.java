package io.shoal.storage.streams;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What readers may take of a replica. */
@ConfigMapping(prefix = "shoal.streams")
public interface StreamLimits {
    /** Files streamed at once by this replica: each holds up to 256 KiB, and a connection to the store while it flows. */
    @WithDefault("256")
    int places();

    /** Streams of one link. */
    @WithDefault("16")
    int linkPlaces();

    /** A reader that takes nothing for so long holds no connection to the store until it reads again. */
    @WithDefault("5s")
    Duration stall();

    /** A reader that takes nothing for so long is disconnected. */
    @WithDefault("10m")
    Duration idle();

    /** Bytes a second below which a reader may be disconnected when places are scarce. */
    @WithDefault("16384")
    int leastRate();

    /** How long a reader is observed before it counts as slow. */
    @WithDefault("60s")
    Duration slowPeriod();

    /** How often readers are looked at. */
    @WithDefault("5s")
    Duration inspection();

    /** How long a stream waits for a store that does not answer in the middle of a file. */
    @WithDefault("30s")
    Duration storePatience();

    /** Streams of one tenant: a quarter of all. */
    default int tenantPlaces() {
        return Math.max(1, places() / 4);
    }
}
