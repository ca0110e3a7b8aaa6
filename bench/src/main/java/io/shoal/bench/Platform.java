package io.shoal.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A platform that {@code ./shoal up} runs for the bench, and its API as a tenant sees it. */
final class Platform implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofMinutes(3);

    private final Process launcher;
    private final JsonNode endpoints;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final String key;

    private Platform(Process launcher, JsonNode endpoints) throws IOException, InterruptedException {
        this.launcher = launcher;
        this.endpoints = endpoints;
        JsonNode tenant = call(
                "POST",
                "/v1/tenants",
                endpoints.get("operatorKey").asText(),
                "application/json",
                "{\"name\":\"bench\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        this.key = tenant.get("key").asText();
    }

    /** Starts one in {@code folder} on {@code store}, an S3 server that runs already. */
    static Platform start(Path checkout, Path folder, Minio store) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> command =
                new ArrayList<>(List.of(checkout.resolve("shoal").toString(), "up", "--data", folder.toString()));
        command.addAll(List.of(
                "--s3", store.endpoint(), "--s3-access-key", store.accessKey(), "--s3-secret-key", store.secretKey()));
        Process launcher = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("up.log").toFile())
                .start();
        Path ready = folder.resolve("endpoints.json");
        long deadline = System.nanoTime() + START.toNanos();
        while (!Files.exists(ready)) {
            if (launcher.waitFor(200, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                launcher.destroy();
                throw new IOException("the platform did not start; see " + folder.resolve("up.log"));
            }
        }
        return new Platform(launcher, JSON.readTree(ready.toFile()));
    }

    /** Submits a .torrent and returns the transfer's id. */
    String submit(byte[] torrent) throws IOException, InterruptedException {
        return call("POST", "/v1/transfers", key, "application/x-bittorrent", torrent)
                .get("id")
                .asText();
    }

    /** Returns when the first byte of the transfer's only file can be read through a link and its object is assembled. */
    void awaitAssembled(String transfer, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable String link = null;
        while (System.nanoTime() < deadline) {
            JsonNode now = call("GET", "/v1/transfers/" + transfer, key, null, null);
            if (now.get("state").asText().equals("SEEDING")) {
                link = link == null
                        ? call("POST", "/v1/transfers/" + transfer + "/files/0/links", key, null, null)
                                .get("url")
                                .asText()
                        : link;
                if (firstByteIsRedirected(link)) {
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("transfer " + transfer + " is not served in time");
    }

    private boolean firstByteIsRedirected(String link) throws IOException, InterruptedException {
        HttpResponse<byte[]> first = http.send(
                HttpRequest.newBuilder(URI.create(link))
                        .header("Range", "bytes=0-0")
                        .build(),
                BodyHandlers.ofByteArray());
        return first.statusCode() == 206 && first.previousResponse().isPresent();
    }

    /** Removes the transfer and with it what is stored. */
    void remove(String transfer) throws IOException, InterruptedException {
        call("DELETE", "/v1/transfers/" + transfer, key, null, null);
    }

    /** The processes whose name begins with {@code prefix}. */
    List<ProcessFigures> processes(String prefix) {
        List<ProcessFigures> found = new ArrayList<>();
        for (JsonNode process : endpoints.get("processes")) {
            if (process.get("name").asText().startsWith(prefix)) {
                found.add(new ProcessFigures(process.get("pid").asLong()));
            }
        }
        return found;
    }

    private JsonNode call(String method, String path, String bearer, @Nullable String type, byte @Nullable [] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(endpoints.get("api").asText() + path))
                .header("Authorization", "Bearer " + bearer)
                .timeout(Duration.ofSeconds(30))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + path + " answered " + response.statusCode());
        }
        return response.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(response.body());
    }

    @Override
    public void close() throws IOException {
        launcher.destroy();
        try {
            if (!launcher.waitFor(90, TimeUnit.SECONDS)) {
                launcher.destroyForcibly();
            }
        } catch (InterruptedException e) {
            launcher.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
