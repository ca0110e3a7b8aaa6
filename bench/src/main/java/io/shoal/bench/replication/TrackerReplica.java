package io.shoal.bench.replication;

import io.shoal.bench.programs.Child;
import io.shoal.bench.programs.ProcessFigures;
import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One tracker in a process of its own, open to every torrent. */
final class TrackerReplica implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final Duration START = Duration.ofMinutes(2);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Child process;
    private final ProcessFigures figures;
    private final int httpPort;
    private final int announcePort;

    private TrackerReplica(Child process, int httpPort, int announcePort) {
        this.process = process;
        this.figures = new ProcessFigures(process.pid());
        this.httpPort = httpPort;
        this.announcePort = announcePort;
    }

    /**
     * Starts one.
     *
     * @param environment configuration besides ports
     */
    static TrackerReplica start(Path log, List<String> environment) throws IOException {
        List<Integer> ports = Ports.free(2);
        List<String> command = new ArrayList<>(List.of("/usr/bin/env"));
        command.addAll(environment);
        command.addAll(List.of(
                "QUARKUS_MANAGEMENT_HOST=" + HOST,
                "QUARKUS_MANAGEMENT_PORT=" + ports.get(0),
                "SHOAL_TRACKER_BIND=" + HOST,
                "SHOAL_TRACKER_HTTP_PORT=" + ports.get(1),
                "SHOAL_TRACKER_UDP_PORT=" + ports.get(1),
                "SHOAL_TRACKER_OPEN=true",
                "SHOAL_TRACKER_TRUSTED=" + HOST + "/32",
                Home.java(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                Home.checkout()
                        .resolve("services/tracker/target/quarkus-app/quarkus-run.jar")
                        .toString()));
        return new TrackerReplica(Child.start(log, command.toArray(String[]::new)), ports.get(0), ports.get(1));
    }

    InetSocketAddress announces() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), announcePort);
    }

    double cpuSeconds() throws IOException {
        return figures.cpuSeconds();
    }

    /** Returns when it is ready. */
    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!isReady()) {
            process.awaitAlive();
            if (System.nanoTime() > deadline) {
                throw new IOException("a tracker is not ready in time");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get("/q/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** The sum of all figures of this name. */
    double metric(String name) throws IOException, InterruptedException {
        return lines(name).mapToDouble(TrackerReplica::value).sum();
    }

    /** A histogram: how many were at or under each bound. */
    SortedMap<Double, Double> buckets(String name) throws IOException, InterruptedException {
        Function<String, Double> bound = line -> {
            String le = line.replaceAll(".*le=\"([^\"]*)\".*", "$1");
            return le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
        };
        return lines(name).collect(Collectors.toMap(bound, TrackerReplica::value, Double::sum, TreeMap::new));
    }

    private Stream<String> lines(String name) throws IOException, InterruptedException {
        return get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"));
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + HOST + ":" + httpPort + path);
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.close();
    }
}
