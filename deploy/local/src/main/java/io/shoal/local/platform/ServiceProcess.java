package io.shoal.local.platform;

import io.shoal.embedded.ClassArchive;
import io.shoal.embedded.Home;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of Shoal's services in a JVM of its own, configured by environment variables as it is everywhere else.
 *
 * @param name of the process
 * @param module of {@code services/} that is run
 * @param management base URL of its health and metrics
 * @param jvm options of the virtual machine
 * @param environment configuration
 * @param peerPorts for a worker, where it listens for peers
 */
record ServiceProcess(
        String name,
        String module,
        URI management,
        List<String> jvm,
        Map<String, String> environment,
        List<Integer> peerPorts)
        implements Server {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    @Override
    public void prepare() throws IOException {
        if (!Files.exists(program())) {
            throw new IOException("services/%s is not built; ./shoal builds what it starts".formatted(module));
        }
    }

    @Override
    public ProcessBuilder command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Home.java());
        command.addAll(jvm);
        command.addAll(archive().options());
        command.addAll(List.of("-jar", program().toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    @Override
    public Optional<ClassArchive> classArchive() {
        return Optional.of(archive());
    }

    private ClassArchive archive() {
        return ClassArchive.ofService("services/" + module);
    }

    @Override
    public boolean isReady() {
        HttpRequest request = HttpRequest.newBuilder(management.resolve("/q/health/ready"))
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

    private Path program() {
        return Home.checkout().resolve("services/" + module + "/target/quarkus-app/quarkus-run.jar");
    }
}
