package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Trackers as processes of their own: a torrent tracked by one is served by all, and a peer of one is known to all. */
@Timeout(240)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrackersIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final Duration GONE = Duration.ofSeconds(60);
    private static final Duration INTERVAL = Duration.ofSeconds(60);

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(options ->
            options.trackers(3).withoutRestarts().with("SHOAL_TRACKER_INTERVAL", INTERVAL.toSeconds() + "s"));

    @Test
    @Order(1)
    void row31BothServeWhileKafkaIsGoneForAMinuteAndAgreeWithinAnIntervalAfterwards() throws Exception {
        List<String> trackers = world.platform().endpoints().trackerHttp();
        InfoHash hash = tracked(trackers, 30);
        long kafka = world.platform().child("kafka").pid();
        List<String> atFirst = new ArrayList<>();
        List<String> atSecond = new ArrayList<>();
        signal(kafka, "STOP");
        try {
            long begun = System.nanoTime();
            for (char letter = 'a'; System.nanoTime() - begun < GONE.toNanos(); letter++) {
                long asked = System.nanoTime();
                String first = announce(trackers.get(0), hash, port("A" + letter));
                String second = announce(trackers.get(1), hash, port("B" + letter));
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
                assertThat(atFirst).allSatisfy(port -> assertThat(first).contains(port));
                assertThat(atSecond).allSatisfy(port -> assertThat(second).contains(port));
                atFirst.add("A" + letter);
                atSecond.add("B" + letter);
                TimeUnit.SECONDS.sleep(5);
            }
            assertThat(announce(trackers.get(0), hash, 1001)).doesNotContain(atSecond);
        } finally {
            signal(kafka, "CONT");
        }
        long back = System.nanoTime();
        for (String port : atSecond) {
            awaitAnswer(trackers.get(0), hash, 1001, port);
        }
        for (String port : atFirst) {
            awaitAnswer(trackers.get(1), hash, 1001, port);
        }
        Duration agreed = Duration.ofNanos(System.nanoTime() - back);
        System.out.printf("the trackers agreed %d ms after Kafka was back%n", agreed.toMillis());
        assertThat(agreed).isLessThan(INTERVAL);
    }

    private static void signal(long pid, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    @Order(2)
    void row31APeerOfOneIsKnownToTheOtherWithinASecondAndOutlivesTheKillOfItsTracker() throws Exception {
        List<String> trackers = world.platform().endpoints().trackerHttp();
        InfoHash hash = tracked(trackers, 31);

        // The middle one of three: a machine that tests much at once may hold up one of them.
        List<Duration> seen = new ArrayList<>();
        for (String port : List.of("AB", "CD", "EF")) {
            long before = System.nanoTime();
            announce(trackers.get(1), hash, port(port));
            awaitAnswer(trackers.get(0), hash, 1001, port);
            seen.add(Duration.ofNanos(System.nanoTime() - before));
        }
        assertThat(seen.stream().sorted().toList().get(1)).isLessThan(Duration.ofSeconds(1));

        ProcessHandle.of(world.platform().child("tracker-1").pid())
                .orElseThrow()
                .destroyForcibly();
        assertThat(announce(trackers.get(0), hash, 1001)).as("the peers' ports").contains("AB", "CD", "EF");
    }

    @Test
    @Order(3)
    void whatOneHasAnsweredBeforeItIsStoppedTheOthersKnow() throws Exception {
        List<String> trackers = world.platform().endpoints().trackerHttp();
        Path file = TestPlatform.randomFile(world.freshFolder("content").resolve("file"), 1 << 20, 32);
        Metainfo torrent = Content.of(file).torrent(TestPlatform.PIECE_LENGTH, List.of(trackers.get(2)));
        world.submit(torrent);
        InfoHash hash = torrent.info().hash();
        awaitAnswer(trackers.get(0), hash, 1001, "8:complete");
        awaitAnswer(trackers.get(2), hash, 1001, "8:complete");
        ProcessHandle third =
                ProcessHandle.of(world.platform().child("tracker-2").pid()).orElseThrow();
        for (String port : List.of("GH", "IJ", "KL")) {
            announce(trackers.get(2), hash, port(port));
        }
        third.destroy(); // SIGTERM
        third.onExit().get(20, TimeUnit.SECONDS);
        for (String port : List.of("GH", "IJ", "KL")) {
            awaitAnswer(trackers.get(0), hash, 1001, port);
        }
    }

    /** A new torrent that all serve. */
    private static InfoHash tracked(List<String> trackers, long random) throws Exception {
        assertThat(trackers).hasSize(3).doesNotHaveDuplicates();
        Path file = TestPlatform.randomFile(world.freshFolder("content").resolve("file"), 1 << 20, random);
        Metainfo torrent = Content.of(file).torrent(TestPlatform.PIECE_LENGTH, List.of(trackers.get(1)));
        world.submit(torrent);
        InfoHash hash = torrent.info().hash();
        for (String tracker : trackers) {
            awaitAnswer(tracker, hash, 1001, "8:complete");
        }
        return hash;
    }

    /** The port whose two bytes in a compact reply are these letters. */
    private static int port(String letters) {
        return letters.charAt(0) << 8 | letters.charAt(1);
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
