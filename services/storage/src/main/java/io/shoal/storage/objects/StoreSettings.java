package io.shoal.storage.objects;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where the object store is. */
@ConfigMapping(prefix = "shoal.s3")
interface StoreSettings {
    /** Where services reach it. */
    URI endpoint();

    /** Where readers of links reach it; by default as the services do. */
    Optional<URI> publicEndpoint();

    /** That signatures name. */
    @WithDefault("us-east-1")
    String region();

    @WithDefault("shoal")
    String bucket();

    String accessKey();

    String secretKey();
}
