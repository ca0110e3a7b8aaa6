package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.World;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two trackers as processes of their own: a torrent tracked by one is served by both, and a peer of one is known to both. */
@Timeout(180)
class TrackersIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    private static final World world = World.with(options -> options.trackers(2).withoutRestarts());

    @Test
    void row31APeerOfOneIsKnownToTheOtherWithinASecondAndOutlivesTheKillOfItsTracker() throws Exception {
        Endpoints endpoints = world.platform().endpoints();
        List<String> trackers = endpoints.trackerHttp();
        assertThat(trackers).hasSize(2).doesNotHaveDuplicates();
        Path file = World.randomFile(world.freshFolder("content").resolve("file"), 1 << 20, 31);
        Metainfo torrent = Content.of(file).torrent(World.PIECE_LENGTH, List.of(trackers.get(1)));
        world.submit(torrent);
        InfoHash hash = torrent.info().hash();
        awaitAnswer(trackers.get(0), hash, 1001, "8:complete");
        awaitAnswer(trackers.get(1), hash, 1001, "8:complete");

        long before = System.nanoTime();
        announce(trackers.get(1), hash, 0x4142);
        awaitAnswer(trackers.get(0), hash, 1001, "AB");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));

        ProcessHandle.of(world.platform().child("tracker-1").pid())
                .orElseThrow()
                .destroyForcibly();
        assertThat(announce(trackers.get(0), hash, 1001)).as("the peers' ports").contains("AB");
    }

    private static void awaitAnswer(String tracker, InfoHash hash, int port, String part) throws Exception {
        AtomicReference<Object> last = new AtomicReference<>("nothing");
        Await.until(
                tracker + " says " + part,
                Duration.ofSeconds(30),
                () -> {
                    String answer = announce(tracker, hash, port);
                    last.set(answer);
                    return answer.contains(part);
                },
                last::get);
    }

    /** The answer to a leech at loopback and {@code port}. */
    private static String announce(String tracker, InfoHash hash, int port) throws IOException, InterruptedException {
        String escaped = "%" + String.join("%", hash.hex().split("(?<=\\G..)"));
        URI uri = URI.create(tracker + "?info_hash=" + escaped + "&peer_id=-TS0001-abcdefg" + "%05d".formatted(port)
                + "&port=" + port + "&uploaded=0&downloaded=0&left=5&compact=1");
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
        return new String(HTTP.send(request, BodyHandlers.ofByteArray()).body(), StandardCharsets.ISO_8859_1);
    }
}
