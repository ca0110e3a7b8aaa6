package io.shoal.objectstore.bean;

import io.shoal.objectstore.StoreConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where the object store is, the same for every service of a deployment. */
@ConfigMapping(prefix = "shoal.s3")
public interface StoreSettings {
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

    /** The same, with defaults put in. */
    default StoreConfig config() {
        return new StoreConfig(
                endpoint(), publicEndpoint().orElse(endpoint()), region(), bucket(), accessKey(), secretKey());
    }
}
