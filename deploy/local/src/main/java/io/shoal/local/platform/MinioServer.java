package io.shoal.local.platform;

import io.shoal.embedded.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A MinIO server over a folder, where its program has been built: {@code ./shoal test --s3 minio} does, before all tests.
 *
 * @param program the {@code minio} binary
 * @param folder that holds the objects
 * @param host it listens on
 */
record MinioServer(Path program, Path folder, String host, int port, String accessKey, String secretKey)
        implements Server {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    @Override
    public String name() {
        return "s3";
    }

    String endpoint() {
        return "http://" + host + ":" + port;
    }

    @Override
    public void prepare() throws IOException {
        if (!Files.isExecutable(program)) {
            throw new IOException("MinIO is not installed at " + program + "; ./shoal test --s3 minio builds it");
        }
        Files.createDirectories(folder);
    }

    @Override
    public ProcessBuilder command() {
        ProcessBuilder builder = new ProcessBuilder(
                program.toString(), "server", "--quiet", "--json", "--address", host + ":" + port, folder.toString());
        builder.environment().put("MINIO_ROOT_USER", accessKey);
        builder.environment().put("MINIO_ROOT_PASSWORD", secretKey);
        builder.environment().put("MINIO_UPDATE", "off");
        builder.environment().put("MINIO_BROWSER", "off");
        return builder;
    }

    @Override
    public boolean isReady() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint() + "/minio/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
