package io.shoal.objectstore;

import java.net.URI;

/**
 * Where the store is and who we are to it.
 *
 * @param endpoint where the services reach it
 * @param publicEndpoint where the readers of links reach it
 * @param region that signatures name
 */
public record StoreConfig(
        URI endpoint, URI publicEndpoint, String region, String bucket, String accessKey, String secretKey) {

    /** Says where, never the keys. */
    @Override
    public String toString() {
        return "StoreConfig[" + endpoint + ", " + bucket + "]";
    }
}
