package io.shoal.local.world;

import io.shoal.bittorrent.InfoHash;
import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Our tracker without a platform: open to every torrent, at an IPv4 and an IPv6 address. */
public final class LoneTracker implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Process process;
    private final String address;
    private final String address6;
    private final int port;
    private final URI management;

    private LoneTracker(Process process, String address, String address6, int port, URI management) {
        this.process = process;
        this.address = address;
        this.address6 = address6;
        this.port = port;
        this.management = management;
    }

    /** Starts one that asks its peers to come back every {@code interval}. */
    public static LoneTracker start(String address, String address6, Duration interval, Path log) throws Exception {
        List<Integer> ports = Ports.free(2);
        Process process = new ProcessBuilder(
                        Home.java(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dshoal.tracker.open=true",
                        "-Dshoal.tracker.bind=" + address + "," + address6,
                        "-Dshoal.tracker.http-port=" + ports.get(0),
                        "-Dshoal.tracker.udp-port=" + ports.get(0),
                        "-Dshoal.tracker.interval=" + interval.toSeconds() + "s",
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + ports.get(1),
                        "-jar",
                        Home.checkout()
                                .resolve("services/tracker/target/quarkus-app/quarkus-run.jar")
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        LoneTracker tracker = new LoneTracker(
                process, address, address6, ports.get(0), URI.create("http://127.0.0.1:" + ports.get(1)));
        try {
            Await.until("the tracker is ready", START, tracker::isReady);
            return tracker;
        } catch (Exception | AssertionError e) {
            tracker.close();
            throw e;
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return HTTP.send(
                                    HttpRequest.newBuilder(management.resolve("/q/health/ready"))
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether it knows somebody who has all of the torrent {@code infoHash}. */
    public boolean knowsASeed(InfoHash infoHash) throws IOException, InterruptedException {
        String escaped = "%" + String.join("%", infoHash.hex().split("(?<=\\G..)"));
        URI scrape = URI.create("http://%s:%d/scrape?info_hash=%s".formatted(address, port, escaped));
        HttpRequest request =
                HttpRequest.newBuilder(scrape).timeout(Duration.ofSeconds(5)).build();
        String answer = HTTP.send(request, BodyHandlers.ofString(StandardCharsets.ISO_8859_1))
                .body();
        return answer.contains("8:completei1e");
    }

    /** Its announce URL over {@code protocol}, `http` or `udp`, at one of its addresses. */
    public String url(String protocol, boolean v6) {
        return "%s://%s:%d/announce".formatted(protocol, v6 ? "[" + address6 + "]" : address, port);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
