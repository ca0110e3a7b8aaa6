package io.shoal.local.platform;

import java.net.URI;
import java.nio.file.Path;

/** Which object store a platform uses. */
public sealed interface S3Choice {
    /** S3Proxy, which comes along. */
    record Bundled() implements S3Choice {}

    /** MinIO as one of our processes. */
    record Minio(Path program) implements S3Choice {}

    /** One that runs already and is not ours to start or stop. */
    record External(URI endpoint, String accessKey, String secretKey) implements S3Choice {
        /** Says where, never the keys. */
        @Override
        public String toString() {
            return "External[" + endpoint + "]";
        }
    }
}
