package io.shoal.intake.links;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** How links are made. */
@ConfigMapping(prefix = "shoal.link")
interface LinkSettings {
    /** The key that storage checks them with, in base64: at least 16 bytes. */
    String key();

    /** The public URL of storage. */
    URI base();

    /** How long a link is good. */
    @WithDefault("6h")
    Duration lifetime();
}
