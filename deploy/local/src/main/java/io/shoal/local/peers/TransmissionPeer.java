package io.shoal.local.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.local.hosts.Hosts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Transmission's daemon on a host of its own, with DHT, PEX and local discovery off. */
public final class TransmissionPeer implements OutsidePeer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String SESSION = "X-Transmission-Session-Id";

    private final Process process;
    private final URI rpc;
    private String session = "";

    private TransmissionPeer(Process process, URI rpc) {
        this.process = process;
        this.rpc = rpc;
    }

    /**
     * @param torrent the bytes of a .torrent
     * @param folder where its content lies or shall lie
     * @param config a folder for the daemon itself
     */
    public static TransmissionPeer start(Hosts.Host host, byte[] torrent, Path folder, Path config)
            throws IOException, InterruptedException {
        Files.write(
                config.resolve("settings.json"),
                JSON.writeValueAsBytes(Map.of(
                        "dht-enabled", false,
                        "pex-enabled", false,
                        "lpd-enabled", false,
                        "utp-enabled", false,
                        "port-forwarding-enabled", false,
                        "rpc-whitelist-enabled", false,
                        "rpc-host-whitelist-enabled", false,
                        "bind-address-ipv4", host.address(),
                        "bind-address-ipv6", host.address6())));
        List<String> command = host.command(List.of(
                "transmission-daemon",
                "--foreground",
                "--config-dir",
                config.toString(),
                "--download-dir",
                folder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(config.resolve("log").toFile())
                .start();
        TransmissionPeer peer =
                new TransmissionPeer(process, URI.create("http://" + host.address() + ":9091/transmission/rpc"));
        try {
            peer.add(torrent);
            return peer;
        } catch (IOException | InterruptedException e) {
            peer.close();
            throw e;
        }
    }

    /** The daemon's process. */
    public long pid() {
        return process.pid();
    }

    @Override
    public String name() {
        return "Transmission";
    }

    @Override
    public Progress progress() throws IOException, InterruptedException {
        JsonNode torrent = call(
                        "torrent-get",
                        Map.of("fields", List.of("leftUntilDone", "sizeWhenDone", "uploadedEver", "downloadedEver")))
                .path("torrents")
                .path(0);
        return new Progress(
                torrent.path("sizeWhenDone").asLong() > 0
                        && torrent.path("leftUntilDone").asLong() == 0,
                torrent.path("downloadedEver").asLong(),
                torrent.path("uploadedEver").asLong());
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

    private void add(byte[] torrent) throws IOException, InterruptedException {
        Map<String, Object> arguments = Map.of("metainfo", Base64.getEncoder().encodeToString(torrent));
        for (int attempt = 0; ; attempt++) {
            try {
                call("torrent-add", arguments);
                return;
            } catch (IOException e) {
                if (attempt == 100 || process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new IOException("Transmission does not start", e);
                }
            }
        }
    }

    private JsonNode call(String method, Map<String, ?> arguments) throws IOException, InterruptedException {
        byte[] body = JSON.writeValueAsBytes(Map.of("method", method, "arguments", arguments));
        HttpResponse<byte[]> response = post(body);
        if (response.statusCode() == 409) {
            session = response.headers().firstValue(SESSION).orElseThrow();
            response = post(body);
        }
        JsonNode answer = JSON.readTree(response.body());
        if (!answer.path("result").asText().equals("success")) {
            throw new IOException("Transmission: " + answer.path("result").asText());
        }
        return answer.path("arguments");
    }

    private HttpResponse<byte[]> post(byte[] body) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(rpc)
                        .timeout(Duration.ofSeconds(5))
                        .header(SESSION, session)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }
}
