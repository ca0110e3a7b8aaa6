package io.shoal.local.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.OutsidePeer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** qBittorrent without a screen on a host of its own, with DHT, PEX and local discovery off. */
public final class QbittorrentPeer implements OutsidePeer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final int WEB_PORT = 8080;
    private static final int ATTEMPTS = 150;

    private final Process process;
    private final URI api;

    private QbittorrentPeer(Process process, URI api) {
        this.process = process;
        this.api = api;
    }

    /**
     * @param torrent a .torrent file
     * @param folder where its content lies or shall lie
     * @param profile a folder for qBittorrent itself
     */
    public static QbittorrentPeer start(Hosts.Host host, Path torrent, Path folder, Path profile)
            throws IOException, InterruptedException {
        Path config = Files.createDirectories(profile.resolve("qBittorrent/config"));
        Files.writeString(config.resolve("qBittorrent.conf"), """
                [BitTorrent]
                Session\\AddTorrentPaused=false
                Session\\BTProtocol=TCP
                Session\\DHTEnabled=false
                Session\\LSDEnabled=false
                Session\\PeXEnabled=false
                Session\\Port=6891

                [LegalNotice]
                Accepted=true

                [Network]
                PortForwardingEnabled=false

                [Preferences]
                WebUI\\AuthSubnetWhitelist=0.0.0.0/0
                WebUI\\AuthSubnetWhitelistEnabled=true
                WebUI\\HostHeaderValidation=false
                WebUI\\Port=%d
                """.formatted(WEB_PORT));
        List<String> command = host.command(List.of(
                "qbittorrent-nox",
                "--profile=" + profile,
                "--save-path=" + folder,
                "--add-paused=false",
                torrent.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        QbittorrentPeer peer =
                new QbittorrentPeer(process, URI.create("http://" + host.address() + ":" + WEB_PORT + "/api/v2/"));
        try {
            peer.awaitReady(profile);
            return peer;
        } catch (IOException | InterruptedException e) {
            peer.close();
            throw e;
        }
    }

    private void awaitReady(Path profile) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                progress();
                return;
            } catch (IOException e) {
                if (attempt == ATTEMPTS || process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new IOException("qBittorrent does not start; see " + profile.resolve("log"), e);
                }
            }
        }
    }

    @Override
    public String name() {
        return "qBittorrent";
    }

    @Override
    public Progress progress() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(api.resolve("torrents/info"))
                .timeout(Duration.ofSeconds(5))
                .build();
        JsonNode torrent = JSON.readTree(
                        HTTP.send(request, BodyHandlers.ofByteArray()).body())
                .path(0);
        return new Progress(
                torrent.path("progress").asDouble() == 1.0,
                torrent.path("downloaded").asLong(),
                torrent.path("uploaded").asLong());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) { // it says good-bye to its trackers
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
