package io.shoal.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.minio.MinioAsyncClient;
import io.minio.SetBucketVersioningArgs;
import io.minio.messages.VersioningConfiguration;
import java.net.URI;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
        return bucket("shoal");
    }

    @Test
    void aVersionedBucketIsRecognizedUntilVersioningIsSuspended() throws Exception {
        StoreConfig config = bucket("versioned-" + UUID.randomUUID());
        try (MinioObjectStore store = new MinioObjectStore(config);
                MinioAsyncClient operator = MinioAsyncClient.builder()
                        .endpoint(config.endpoint().toString())
                        .credentials(credentials()[0], credentials()[1])
                        .build()) {
            store.ensureBucket();
            setVersioning(operator, config.bucket(), VersioningConfiguration.Status.ENABLED);
            assertThat(store.isVersioned()).isTrue();
            setVersioning(operator, config.bucket(), VersioningConfiguration.Status.SUSPENDED);
            assertThat(store.isVersioned()).isFalse();
        }
    }

    private static void setVersioning(MinioAsyncClient operator, String bucket, VersioningConfiguration.Status status)
            throws Exception {
        operator.setBucketVersioning(SetBucketVersioningArgs.builder()
                        .bucket(bucket)
                        .config(new VersioningConfiguration(status, null, null, null))
                        .build())
                .get();
    }

    private static StoreConfig bucket(String bucket) {
        URI endpoint = URI.create("http://" + named.getHost() + ":" + named.getPort());
        return new StoreConfig(endpoint, endpoint, "us-east-1", bucket, credentials()[0], credentials()[1]);
    }

    private static String[] credentials() {
        return named.getUserInfo().split(":", 2);
    }
}
