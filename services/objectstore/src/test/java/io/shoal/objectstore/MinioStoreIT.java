package io.shoal.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.BeforeAll;

/** A MinIO server that runs already and is named by {@code SHOAL_TEST_MINIO=http://USER:PASSWORD@HOST:PORT}. */
class MinioStoreIT extends ObjectStoreContract {
    private static URI named;

    @BeforeAll
    static void find() {
        String given = System.getenv("SHOAL_TEST_MINIO");
        assertThat(given).as("SHOAL_TEST_MINIO=http://USER:PASSWORD@HOST:PORT").isNotNull();
        named = URI.create(given);
    }

    @Override
    StoreConfig server() {
        String[] credentials = named.getUserInfo().split(":", 2);
        URI endpoint = URI.create("http://" + named.getHost() + ":" + named.getPort());
        return new StoreConfig(endpoint, endpoint, "us-east-1", "shoal", credentials[0], credentials[1]);
    }
}
