package io.shoal.local;

import static io.shoal.local.clients.Program.ARIA2;
import static io.shoal.local.clients.Program.ARIA2_WITH_UDP;
import static io.shoal.local.clients.Program.LIBTORRENT;
import static io.shoal.local.clients.Program.QBITTORRENT;
import static io.shoal.local.clients.Program.TRANSMISSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.client.Transfer;
import io.shoal.local.clients.Program;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.Network;
import io.shoal.local.world.TestPlatform;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A seed that starts when its torrent is submitted is served at its first announce: a client that is refused may stay away for
 * five minutes and more. Each seed is the only one of its torrent and is known through our tracker alone, and the tracker's
 * interval is longer than the test, so that no second announce can help.
 *
 * <p>The tracker waits longer than usual, so that a busy machine alone cannot make it refuse; its own tests show the usual time.
 */
@Timeout(240)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FirstAnnounceIT {
    private static final int SIZE = (1 << 20) + 13;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /**
     * Far below the five minutes for which a refused client stays away. Most clients take 3 s or less; Transmission takes 11 s,
     * because a seed of it unchokes its first peer when its timer of 10 s runs out.
     */
    private static final Duration DATA_LIMIT = Duration.ofSeconds(30);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Order(1)
    @RegisterExtension
    private static final Network network = new Network();

    @Order(2)
    @RegisterExtension
    private static final TestPlatform platform =
            TestPlatform.with(options -> options.bind(network.hosts().ourAddress())
                    .with("SHOAL_TRACKER_INTERVAL", "30m")
                    .with("SHOAL_TRACKER_MIN_INTERVAL", "15m")
                    .with("SHOAL_TRACKER_REGISTRATION_WAIT", "20s"));

    private static final Queue<OutsidePeer> seeds = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger numbers = new AtomicInteger();
    private static Path folder;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws Exception {
        // Short, because a client's socket may lie in it.
        folder = Files.createTempDirectory("shoal-first");
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stop() {
        List<Future<?>> closing = new ArrayList<>();
        seeds.forEach(seed -> closing.add(threads.submit(seed::close)));
        threads.close();
        Home.delete(folder);
        assertThat(closing).allMatch(Future::isDone);
    }

    private record Torrent(Content content, Metainfo metainfo) {
        InfoHash hash() {
            return metainfo.info().hash();
        }
    }

    private static Torrent torrent(String announce) throws Exception {
        int number = numbers.incrementAndGet();
        Content content = Content.of(TestPlatform.randomFile(folder.resolve("c" + number + "/file"), SIZE, number));
        return new Torrent(content, content.torrent(TestPlatform.PIECE_LENGTH, List.of(announce)));
    }

    private static void startSeed(Program program, Torrent torrent) throws Exception {
        Path own = Files.createTempDirectory(folder, "p");
        Path file = Files.write(
                own.resolveSibling(own.getFileName() + ".torrent"),
                torrent.metainfo().encode());
        seeds.add(program.start(network.hosts(), file, torrent.content().folder(), own));
    }

    /** The announce certainly comes first: the torrent is submitted when the tracker has it waiting. */
    @Test
    @Order(1)
    void aSeedThatAnnouncesBeforeItsTorrentIsSubmittedIsServedWhenItIs() throws Exception {
        String announce = platform.platform().endpoints().trackerHttp().getFirst();
        List<Future<?>> all = new ArrayList<>();
        for (Program program : List.of(TRANSMISSION, LIBTORRENT, ARIA2, QBITTORRENT)) {
            Torrent torrent = torrent(announce);
            all.add(threads.submit(() -> {
                startSeed(program, torrent);
                return null;
            }));
            Await.until(program + " waits", LIMIT, () -> metric("shoal_tracker_announces_waiting") >= 1);
            String transfer = platform.submit(torrent.metainfo());
            awaitServed(program, torrent);
            all.add(awaitData(program, transfer));
        }
        awaitAll(all);
        assertThat(metric("shoal_tracker_announces_waited_total")).isGreaterThanOrEqualTo(4);
    }

    /** Three starts of each client: two over HTTP, one over UDP. */
    @Test
    @Order(2)
    void aSeedThatStartsAtTheMomentOfTheSubmissionIsServed() throws Exception {
        String http = platform.platform().endpoints().trackerHttp().getFirst();
        String udp = platform.platform().endpoints().trackerUdp().getFirst();
        List<Future<?>> all = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (Program program : List.of(TRANSMISSION, LIBTORRENT, ARIA2, QBITTORRENT)) {
                all.add(startAtSubmission(program, http));
            }
        }
        for (Program program : List.of(TRANSMISSION, LIBTORRENT, ARIA2_WITH_UDP, QBITTORRENT)) {
            all.add(startAtSubmission(program, udp));
        }
        awaitAll(all);
    }

    /** Returns when the client's announce was served; its data is awaited while the next ones start. */
    private static Future<?> startAtSubmission(Program program, String announce) throws Exception {
        Torrent torrent = torrent(announce);
        String transfer = platform.submit(torrent.metainfo());
        startSeed(program, torrent);
        awaitServed(program, torrent);
        return awaitData(program, transfer);
    }

    private static void awaitAll(List<Future<?>> all) throws Exception {
        for (Future<?> one : all) {
            one.get();
        }
        assertThat(refusals()).as("refused announces").isZero();
    }

    private static void awaitServed(Program program, Torrent torrent) throws Exception {
        Await.until("the tracker serves " + program, LIMIT, () -> isSeeded(torrent.hash()), () -> refusals());
    }

    private static Future<?> awaitData(Program program, String transfer) {
        long served = System.nanoTime();
        AtomicReference<@Nullable Object> last = new AtomicReference<>();
        return threads.submit(() -> {
            Await.until(
                    "data of " + program + " flows",
                    DATA_LIMIT,
                    () -> {
                        Transfer now = platform.look(transfer);
                        last.set(now);
                        return now != null && now.stored() > 0;
                    },
                    last::get);
            long millis = (System.nanoTime() - served) / 1_000_000;
            System.out.printf("%s: data %d ms after the first announce was served%n", program, millis);
            return null;
        });
    }

    private static boolean isSeeded(InfoHash hash) throws Exception {
        String scrape = platform.platform().endpoints().trackerHttp().getFirst().replaceFirst("announce$", "scrape");
        String escaped = "%" + String.join("%", hash.hex().split("(?<=\\G..)"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(scrape + "?info_hash=" + escaped))
                .timeout(Duration.ofSeconds(10))
                .build();
        return HTTP.send(request, BodyHandlers.ofString(StandardCharsets.ISO_8859_1))
                .body()
                .matches("(?s).*8:completei[1-9].*"); // the worker may be one by now
    }

    private static double metric(String name) throws Exception {
        String tracker = platform.platform().endpoints().processes().stream()
                .map(process -> process.name())
                .filter(process -> process.startsWith("tracker"))
                .findFirst()
                .orElseThrow();
        return platform.metric(tracker, name);
    }

    private static double refusals() {
        try {
            return metric("shoal_tracker_refused_total");
        } catch (Exception e) {
            return Double.NaN;
        }
    }
}
