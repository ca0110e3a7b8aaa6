package io.shoal.intake.fetches;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds on the URLs of .torrents that are fetched for tenants. */
@ConfigMapping(prefix = "shoal.fetch")
interface FetchSettings {
    /** Whether URLs are fetched at all. */
    @WithDefault("true")
    boolean enabled();

    /** For everything from the look-up of the name to the last byte, redirects included. */
    @WithDefault("30s")
    Duration timeout();

    /** How many one tenant may have at one time at one replica. */
    @WithDefault("2")
    int ofTenant();

    /** How many a replica makes at one time. */
    @WithDefault("64")
    int atOnce();

    /** How long one is waited for that there is no place for. */
    @WithDefault("10s")
    Duration patience();
}
