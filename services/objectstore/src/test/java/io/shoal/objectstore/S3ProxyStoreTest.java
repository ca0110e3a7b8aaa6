package io.shoal.objectstore;

import io.shoal.embedded.RunningServer;
import io.shoal.embedded.S3Server;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** S3Proxy, the embedded default. */
class S3ProxyStoreTest extends ObjectStoreContract {
    private static S3Server server;
    private static RunningServer running;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = S3Server.in(folder);
        running = RunningServer.start(server, folder.resolve("s3.log"), Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Override
    StoreConfig server() {
        URI endpoint = URI.create(server.endpoint());
        return new StoreConfig(endpoint, endpoint, "us-east-1", "shoal", server.accessKey(), server.secretKey());
    }
}
