package io.shoal.local.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.embedded.Ports;
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
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** aria2 with one torrent; it knows peers from the torrent's trackers only. */
public final class Aria2Peer implements OutsidePeer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Process process;
    private final URI rpc;
    private final String secret;

    private Aria2Peer(Process process, URI rpc, String secret) {
        this.process = process;
        this.rpc = rpc;
        this.secret = secret;
    }

    /** Whether there is an aria2 on the PATH. */
    public static boolean isInstalled() {
        String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "aria2c")));
    }

    /**
     * @param torrent the .torrent file
     * @param folder where the torrent's content lies or shall lie
     * @param bind address that it listens on
     * @param upLimit bytes per second that it sends at most; 0 for no limit
     * @param log of what it says
     */
    public static Aria2Peer start(Path torrent, Path folder, String bind, long upLimit, Path log)
            throws IOException, InterruptedException {
        return start(torrent, folder, bind, upLimit, log, List.of("--enable-dht=false"));
    }

    /** As the other one, but with trackers over UDP too: aria2 uses them only with a DHT, and this one's DHT has no contacts. */
    public static Aria2Peer startWithUdp(Path torrent, Path folder, String bind, long upLimit, Path log)
            throws IOException, InterruptedException {
        Path dhtFile = log.resolveSibling("dht.dat");
        return start(
                torrent,
                folder,
                bind,
                upLimit,
                log,
                List.of("--enable-dht=true", "--dht-file-path=" + dhtFile, "--dht-listen-port=" + Ports.free()));
    }

    private static Aria2Peer start(Path torrent, Path folder, String bind, long upLimit, Path log, List<String> dht)
            throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(2);
        String secret = UUID.randomUUID().toString();
        List<String> command = new ArrayList<>(List.of(
                "aria2c",
                "--no-conf=true",
                "--enable-rpc=true",
                "--rpc-listen-port=" + ports.get(0),
                "--rpc-secret=" + secret,
                "--stop-with-process=" + ProcessHandle.current().pid(),
                "--listen-port=" + ports.get(1),
                "--interface=" + bind,
                "--dir=" + folder,
                "--file-allocation=none",
                "--check-integrity=true",
                "--seed-ratio=0",
                "--bt-tracker-interval=5",
                "--max-upload-limit=" + upLimit,
                "--disk-cache=0",
                "--console-log-level=warn",
                "--summary-interval=0"));
        command.addAll(dht);
        command.addAll(List.of(
                "--enable-dht6=false", "--enable-peer-exchange=false", "--bt-enable-lpd=false", torrent.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Aria2Peer peer = new Aria2Peer(process, URI.create("http://127.0.0.1:" + ports.get(0) + "/jsonrpc"), secret);
        try {
            peer.awaitReady(log);
            return peer;
        } catch (IOException | InterruptedException e) {
            peer.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "aria2";
    }

    @Override
    public Progress progress() throws IOException, InterruptedException {
        List<JsonNode> downloads = new ArrayList<>();
        call("aria2.tellActive").forEach(downloads::add);
        if (downloads.isEmpty()) {
            return new Progress(false, 0, 0);
        }
        JsonNode download = downloads.getFirst();
        long total = download.path("totalLength").asLong();
        long completed = download.path("completedLength").asLong();
        return new Progress(
                total > 0 && completed == total && !download.has("verifiedLength"),
                completed,
                download.path("uploadLength").asLong());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady(Path log) throws IOException, InterruptedException {
        try {
            call("aria2.getVersion");
        } catch (IOException e) {
            throw new IOException("aria2 does not start; see " + log, e);
        }
    }

    private JsonNode call(String method) throws IOException, InterruptedException {
        byte[] body = JSON.writeValueAsBytes(
                Map.of("jsonrpc", "2.0", "id", "1", "method", method, "params", List.of("token:" + secret)));
        HttpRequest request = HttpRequest.newBuilder(rpc)
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        JsonNode answer = JSON.readTree(send(request));
        if (answer.has("error")) {
            throw new IOException(
                    "aria2: " + answer.path("error").path("message").asText());
        }
        return answer.path("result");
    }

    /**
     * aria2 closes kept connections without notice and does not answer while it hashes, so requests are repeated as long as it
     * runs.
     */
    private byte[] send(HttpRequest request) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray())
                        .body();
            } catch (IOException e) {
                if (System.nanoTime() > deadline || process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw new IOException("aria2 does not answer: " + e.getMessage(), e);
                }
            }
        }
    }
}
