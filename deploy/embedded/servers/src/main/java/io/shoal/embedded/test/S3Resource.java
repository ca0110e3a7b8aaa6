package io.shoal.embedded.test;

import io.shoal.embedded.S3Server;
import java.nio.file.Path;
import java.util.Map;

/** A real S3 endpoint for a test; sets {@code shoal.s3.*}. */
public final class S3Resource extends ServerResource<S3Server> {
    @Override
    S3Server server(Path folder) {
        return S3Server.in(folder);
    }

    @Override
    Map<String, String> configuration(S3Server server) {
        return Map.of(
                "shoal.s3.endpoint",
                server.endpoint(),
                "shoal.s3.public-endpoint",
                server.endpoint(),
                "shoal.s3.region",
                "us-east-1",
                "shoal.s3.bucket",
                "shoal",
                "shoal.s3.access-key",
                server.accessKey(),
                "shoal.s3.secret-key",
                server.secretKey());
    }
}
