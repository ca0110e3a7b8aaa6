package io.shoal.objectstore;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The address of the store and the identity of the services at it.
 *
 * @param endpoint where the services reach it
 * @param publicEndpoint where the readers of links reach it
 * @param region that signatures name
 * @param caBundle certificates in PEM that its certificate may be signed by, in place of the JVM's own
 * @param checksums whether uploads carry a CRC32C that the store compares with what it received
 */
public record StoreConfig(
        URI endpoint,
        URI publicEndpoint,
        String region,
        String bucket,
        StoreCredentials credentials,
        Optional<Path> caBundle,
        boolean checksums) {

    /** A store with a fixed key, a certificate that the JVM knows, and checksums. */
    public StoreConfig(
            URI endpoint, URI publicEndpoint, String region, String bucket, String accessKey, String secretKey) {
        this(
                endpoint,
                publicEndpoint,
                region,
                bucket,
                new StoreCredentials.Fixed(accessKey, secretKey, Optional.empty()),
                Optional.empty(),
                true);
    }

    /** Names the place, never the credentials. */
    @Override
    public String toString() {
        return "StoreConfig[" + endpoint + ", " + bucket + "]";
    }
}
