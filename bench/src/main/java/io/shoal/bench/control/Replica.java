package io.shoal.bench.control;

import io.shoal.bench.programs.Child;
import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One replica of a service in a process of its own, with the heap that its container has in a cluster. */
final class Replica implements AutoCloseable {
    /** 60 % of a container of 512 MiB. */
    static final int HEAP_MIB = 307;

    private static final String HOST = "127.0.0.1";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Child process;
    private final URI api;
    private final URI management;
    private final GcLog gcLog;
    private final long started = System.nanoTime();

    private Replica(Child process, URI api, URI management, GcLog gcLog) {
        this.process = process;
        this.api = api;
        this.management = management;
        this.gcLog = gcLog;
    }

    /**
     * Starts one.
     *
     * @param module of {@code services/}
     * @param folder for its logs
     * @param name of its logs
     */
    static Replica start(String module, Path folder, String name, Map<String, String> environment) throws IOException {
        Path program = Home.checkout().resolve("services/" + module + "/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(program)) {
            throw new IOException("services/" + module + " is not built; ./shoal bench builds what it starts");
        }
        List<Integer> ports = Ports.free(2);
        GcLog gcLog = new GcLog(folder.resolve(name + ".gc"));
        List<String> command = new ArrayList<>(List.of("/usr/bin/env"));
        environment.forEach((variable, value) -> command.add(variable + "=" + value));
        command.addAll(List.of(
                "QUARKUS_HTTP_HOST=" + HOST,
                "QUARKUS_HTTP_PORT=" + ports.get(0),
                "QUARKUS_MANAGEMENT_HOST=" + HOST,
                "QUARKUS_MANAGEMENT_PORT=" + ports.get(1),
                Home.java(),
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+ExitOnOutOfMemoryError",
                "--sun-misc-unsafe-memory-access=allow",
                gcLog.option(),
                "-jar",
                program.toString()));
        Child process = Child.start(folder.resolve(name + ".log"), command.toArray(String[]::new));
        return new Replica(
                process,
                URI.create("http://" + HOST + ":" + ports.get(0)),
                URI.create("http://" + HOST + ":" + ports.get(1)),
                gcLog);
    }

    /** Base URL of its public API. */
    URI api() {
        return api;
    }

    /** Its heap so far. */
    GcLog gcLog() {
        return gcLog;
    }

    /** Throws if its process has ended, which it does when its heap is full. */
    void awaitAlive() throws IOException {
        process.awaitAlive();
    }

    boolean isReady() throws IOException, InterruptedException {
        process.awaitAlive();
        HttpRequest request = HttpRequest.newBuilder(management.resolve("/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return CLIENT.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Seconds since its process was started. */
    double age() {
        return (System.nanoTime() - started) / 1e9;
    }

    @Override
    public void close() {
        process.close();
    }
}
