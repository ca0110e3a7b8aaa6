package io.shoal.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A MinIO server on loopback, with an empty folder. */
final class Minio implements AutoCloseable {
    private static final String USER = "shoal-bench";
    private static final String PASSWORD = "shoal-bench-secret";

    private final Process process;
    private final int port;

    private Minio(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Minio start(Path program, Path folder, int port) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("data"));
        ProcessBuilder command = new ProcessBuilder(
                        program.toString(),
                        "server",
                        "--quiet",
                        "--address",
                        "127.0.0.1:" + port,
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("minio.log").toFile());
        command.environment().put("MINIO_ROOT_USER", USER);
        command.environment().put("MINIO_ROOT_PASSWORD", PASSWORD);
        command.environment().put("MINIO_UPDATE", "off");
        command.environment().put("MINIO_BROWSER", "off");
        Minio minio = new Minio(command.start(), port);
        for (int i = 0; i < 300 && !minio.isReady(); i++) {
            if (minio.process.waitFor(100, TimeUnit.MILLISECONDS)) {
                throw new IOException("MinIO ended; see " + folder.resolve("minio.log"));
            }
        }
        return minio;
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    String accessKey() {
        return USER;
    }

    String secretKey() {
        return PASSWORD;
    }

    ProcessFigures figures() {
        return new ProcessFigures(process.pid());
    }

    private boolean isReady() throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(endpoint() + "/minio/health/ready").toURL().openConnection();
        try {
            return connection.getResponseCode() == 200;
        } catch (java.net.ConnectException e) {
            return false;
        } finally {
            connection.disconnect();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
