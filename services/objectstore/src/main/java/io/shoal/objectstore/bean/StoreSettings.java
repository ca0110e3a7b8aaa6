package io.shoal.objectstore.bean;

import io.shoal.objectstore.StoreConfig;
import io.shoal.objectstore.StoreCredentials;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Where the object store is, the same for every service of a deployment. */
@ConfigMapping(prefix = "shoal.s3")
public interface StoreSettings {
    /** Where services reach it. */
    URI endpoint();

    /** Where readers of links reach it; by default as the services do. */
    Optional<URI> publicEndpoint();

    /** The region that signatures name. */
    @WithDefault("us-east-1")
    String region();

    @WithDefault("shoal")
    String bucket();

    /**
     * The key of a fixed account. Without it the services use temporary credentials of their own identity: the web identity token that
     * {@code AWS_WEB_IDENTITY_TOKEN_FILE} names, or the container's or instance's metadata service.
     */
    Optional<String> accessKey();

    /** Goes with the access key. */
    Optional<String> secretKey();

    /** Goes with an access key that is temporary. */
    Optional<String> sessionToken();

    /** The token service that gives temporary credentials, where it is not that of AWS. */
    Optional<URI> stsEndpoint();

    /** A PEM file with the certificate authorities of the store and the token service, in place of the JVM's own. */
    Optional<Path> caBundle();

    /** Whether uploads carry a CRC32C; switch it off for a store that refuses it. */
    @WithDefault("true")
    boolean checksums();

    /** Returns the configuration with defaults filled in. */
    default StoreConfig config() {
        return new StoreConfig(
                endpoint(),
                publicEndpoint().orElse(endpoint()),
                region(),
                bucket(),
                credentials(),
                caBundle(),
                checksums());
    }

    private StoreCredentials credentials() {
        if (accessKey().isEmpty() != secretKey().isEmpty()) {
            throw new IllegalStateException(
                    "shoal.s3.access-key and shoal.s3.secret-key belong together: set both or none");
        }
        return accessKey().isEmpty()
                ? new StoreCredentials.OfIdentity(stsEndpoint())
                : new StoreCredentials.Fixed(accessKey().get(), secretKey().orElseThrow(), sessionToken());
    }
}
