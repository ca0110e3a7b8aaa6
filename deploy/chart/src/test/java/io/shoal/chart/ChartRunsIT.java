package io.shoal.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.Ports;
import io.shoal.embedded.PostgresServer;
import io.shoal.embedded.RunningServer;
import io.shoal.embedded.S3Server;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The services as the chart runs them: each gets the variables that its container has and nothing else, and is probed where
 * the kubelet would probe it.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ChartRunsIT {
    private static final int PEER_PORTS = 24_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String OPERATOR_KEY = "the-operator-key-of-a-rendered-chart";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path folder;

    private final List<RunningServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.reversed().forEach(RunningServer::close);
    }

    @Test
    void everyPodBecomesReadyAndTheyWorkTogether() throws Exception {
        KafkaServer kafka = start(KafkaServer.in(folder.resolve("kafka")));
        PostgresServer postgres = start(PostgresServer.in(folder.resolve("postgres")));
        postgres.ensureDatabase("intake");
        postgres.ensureDatabase("storage");
        S3Server s3 = start(S3Server.in(folder.resolve("s3")));
        int announces = Ports.free();
        String announceUrl = "http://127.0.0.1:" + announces + "/announce";
        Map<String, PodTemplateSpec> rendered = Chart.pods(Chart.template()
                .set("kafka.bootstrapServers", kafka.bootstrapServers())
                .set("kafka.partitions", 4)
                .set("postgres.intake.jdbcUrl", postgres.jdbcUrl("intake"))
                .set("postgres.storage.jdbcUrl", postgres.jdbcUrl("storage"))
                .set("s3.endpoint", s3.endpoint())
                .set("tracker.port", announces)
                .set("tracker.urls[0]", announceUrl)
                .set("swarm.basePort", PEER_PORTS)
                .set("swarm.announceAddress", "127.0.0.1")
                .set("swarm.egressAllow[0]", "127.0.0.0/8")
                .set("swarm.scratch.size", "384Mi")
                .call());
        Map<String, String> secrets = Map.of(
                "shoal-keys/operator-keys", "test:".concat(OPERATOR_KEY),
                "shoal-keys/link-keys", "1:".concat(Base64.getEncoder().encodeToString(new byte[32])),
                "shoal-keys/fleet-key", "the-fleets-key",
                "shoal-keys/connection-keys", Base64.getEncoder().encodeToString(new byte[16]),
                "shoal-s3/access-key", s3.accessKey(),
                "shoal-s3/secret-key", s3.secretKey(),
                "shoal-postgres-intake/username", PostgresServer.USER,
                "shoal-postgres-intake/password", postgres.password(),
                "shoal-postgres-storage/username", PostgresServer.USER,
                "shoal-postgres-storage/password", postgres.password());

        Map<String, Pod> pods = new TreeMap<>();
        for (Map.Entry<String, PodTemplateSpec> each : rendered.entrySet()) {
            // Each has an address of its own, as a pod has, so that all can have the same port.
            String address = "127.0.7." + (1 + pods.size());
            String name = each.getKey();
            pods.put(name, start(new Pod(name, each.getValue().getSpec(), address, secrets, folder.resolve(name))));
        }

        String api = Objects.requireNonNull(pods.get("shoal-intake")).url();
        String key = post(api + "/v1/tenants", OPERATOR_KEY, Map.of("name", "me"))
                .path("key")
                .asText();
        String magnet = "magnet:?xt=urn:btih:" + "5a".repeat(20) + "&tr=" + announceUrl;
        String transfer = post(api + "/v1/transfers", key, Map.of("magnet", magnet))
                .path("id")
                .asText();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String worker = "";
        while (worker.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(100);
            worker = send(request(api + "/v1/slices?transfer=" + transfer, OPERATOR_KEY))
                    .path("items")
                    .path(0)
                    .path("report")
                    .path("worker")
                    .asText("");
        }
        assertThat(worker).as("the worker that looks for the metadata").isEqualTo("shoal-swarm-0");
    }

    private <T extends Server> T start(T server) throws Exception {
        Path log = folder.resolve(server.name() + ".log");
        try {
            servers.add(RunningServer.start(server, log, PATIENCE));
            return server;
        } catch (IOException e) {
            throw new AssertionError(Files.readString(log), e);
        }
    }

    private static JsonNode post(String url, String key, Map<String, String> body) throws Exception {
        return send(request(url, key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    }

    private static HttpRequest.Builder request(String url, String key) {
        return HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + key);
    }

    private static JsonNode send(HttpRequest.Builder request) throws Exception {
        HttpResponse<byte[]> response = HTTP.send(request.build(), BodyHandlers.ofByteArray());
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isLessThan(300);
        return JSON.readTree(response.body());
    }
}
