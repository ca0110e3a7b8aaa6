package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentStats.WebSeedStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Torrents whose bytes come from real HTTP servers. */
class WebSeedTest {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    @TempDir
    Path directory;

    private final byte[] content = RandomContent.bytes(24_000_005, 8);
    private final Info info = RandomContent.torrent(content, 256 << 10, false);

    /** Serves files by the path that a request decodes to, with ranges, on connections that stay open. */
    private static final class WebServer implements AutoCloseable {
        final Map<String, byte[]> files = new ConcurrentHashMap<>();
        final Queue<String> requests = new ConcurrentLinkedQueue<>();
        final Set<Integer> clientPorts = ConcurrentHashMap.newKeySet();
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

        WebServer(String address) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", this::serve);
            server.createContext("/moved/", exchange -> {
                requests.add(exchange.getRequestURI().getRawPath());
                exchange.getResponseHeaders().set("Location", redirectTo);
                exchange.sendResponseHeaders(302, -1);
                exchange.close();
            });
            server.start();
        }

        volatile String redirectTo = "/";

        String url(String path) {
            InetSocketAddress address = server.getAddress();
            return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + path;
        }

        private void serve(HttpExchange exchange) throws IOException {
            requests.add(exchange.getRequestURI().getRawPath());
            clientPorts.add(exchange.getRemoteAddress().getPort());
            byte[] file = files.get(exchange.getRequestURI().getPath());
            String header = exchange.getRequestHeaders().getFirst("Range");
            Matcher range = RANGE.matcher(header == null ? "" : header);
            if (file == null || !range.matches()) {
                exchange.sendResponseHeaders(file == null ? 404 : 400, -1);
                exchange.close();
                return;
            }
            int from = Integer.parseInt(range.group(1));
            int length = Integer.parseInt(range.group(2)) - from + 1;
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + range.group(2) + "/" + file.length);
            exchange.sendResponseHeaders(206, length);
            exchange.getResponseBody().write(file, from, length);
            exchange.close();
        }

        @Override
        public void close() {
            server.stop(0);
            threads.close();
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Whether it has web seeds, all in this state. */
    private static boolean hasCode(TorrentHandle torrent, String code) {
        List<WebSeedStats> webSeeds = torrent.stats().webSeeds();
        return !webSeeds.isEmpty()
                && webSeeds.stream().allMatch(each -> each.code().equals(code));
    }

    @Test
    void aFileComesOverOneConnection() throws Exception {
        try (WebServer server = new WebServer("127.0.0.1");
                ExternalEngine us = ExternalEngine.start()) {
            server.files.put("/a folder/content.bin", content);
            TorrentHandle torrent = us.add(info, directory, Mode.RUN, List.of(server.url("/a folder/")));

            us.awaitFinished(info);

            assertThat(directory.resolve("content.bin")).hasBinaryContent(content);
            assertThat(server.clientPorts).hasSize(1);
            assertThat(server.requests.size()).isLessThan(content.length / (1 << 20) + 3);
            await(() -> torrent.stats().downloaded() == content.length);
        }
    }

    @Test
    void filesWithNamesOfAllKindsAreFound() throws Exception {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<String> names = List.of(
                "two words",
                "50%",
                "%41%2F",
                "Ümläut",
                "電影.mkv",
                "a?b",
                "a#b",
                "a+b&c=d;e",
                "[1] (2) {3}",
                "back\\slash");
        MetainfoBuilder builder = MetainfoBuilder.named("Über uns 100%").pieceLength(32 << 10);
        for (int i = 0; i < names.size(); i++) {
            byte[] bytes = RandomContent.bytes(50_001 + 1_000 * i, i);
            files.put("/x/Über uns 100%/ö/" + names.get(i), bytes);
            builder.add(List.of("ö", names.get(i)), bytes);
            builder.add(List.of("empty " + i), new byte[0]);
        }
        Info torrentInfo = builder.build().info();
        try (WebServer server = new WebServer("127.0.0.1");
                ExternalEngine us = ExternalEngine.start()) {
            server.files.putAll(files);
            us.add(torrentInfo, directory, Mode.RUN, List.of(server.url("/x")));

            us.awaitFinished(torrentInfo);

            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                assertThat(directory.resolve("Über uns 100%").resolve("ö").resolve(name))
                        .hasBinaryContent(files.get("/x/Über uns 100%/ö/" + name));
            }
            assertThat(server.requests).noneMatch(path -> path.contains("empty"));
        }
    }

    @Test
    void redirectsAreFollowed() throws Exception {
        try (WebServer first = new WebServer("127.0.0.1");
                WebServer second = new WebServer("127.0.0.1");
                ExternalEngine us = ExternalEngine.start()) {
            second.files.put("/here", content);
            first.redirectTo = second.url("/here");
            us.add(info, directory, Mode.RUN, List.of(first.url("/moved/content.bin")));

            us.awaitFinished(info);

            assertThat(directory.resolve("content.bin")).hasBinaryContent(content);
            assertThat(second.clientPorts).hasSize(1);
        }
    }

    @Test
    void noAddressIsReachedThatEgressDenies() throws Exception {
        InetAddress allowed = InetAddress.ofLiteral("127.0.0.1");
        try (WebServer outside = new WebServer("127.0.0.1");
                WebServer inside = new WebServer("127.0.0.2");
                ExternalEngine us = ExternalEngine.behind(allowed::equals)) {
            inside.files.put("/secret", content);
            outside.redirectTo = inside.url("/secret");
            List<String> urls = new ArrayList<>(List.of(outside.url("/moved/content.bin"), inside.url("/secret")));
            TorrentHandle torrent = us.add(info, directory, Mode.RUN, urls);

            await(() -> hasCode(torrent, "forbidden-address"));

            assertThat(outside.requests).isNotEmpty();
            assertThat(inside.requests).isEmpty();
            assertThat(torrent.stats().downloaded()).isZero();
        }
    }

    @Test
    void wrongBytesAreDownloadedAgainFromAnother() throws Exception {
        byte[] wrong = content.clone();
        wrong[content.length / 2] ^= 1;
        try (WebServer liar = new WebServer("127.0.0.1");
                WebServer honest = new WebServer("127.0.0.1");
                ExternalEngine us = ExternalEngine.start()) {
            liar.files.put("/f", wrong);
            honest.files.put("/f", content);
            TorrentHandle torrent = us.add(info, directory, Mode.RUN, List.of(liar.url("/f")));
            await(() -> hasCode(torrent, "lied"));
            torrent.setWebSeeds(List.of(liar.url("/f"), honest.url("/f")));

            us.awaitFinished(info);

            assertThat(directory.resolve("content.bin")).hasBinaryContent(content);
            assertThat(torrent.stats().hashFailures()).isEqualTo(1);
        }
    }

    @Test
    void aSwarmAndAWebSeedTogetherCompleteATorrent() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.write(source.resolve("content.bin"), content);
        try (WebServer server = new WebServer("127.0.0.1");
                ExternalEngine seed = ExternalEngine.limited(0, 2 << 20, 1);
                ExternalEngine us = ExternalEngine.limited(0, 0, 2)) {
            server.files.put("/f", content);
            seed.add(info, source, Mode.SEED);
            TorrentHandle torrent = us.add(info, target, Mode.RUN, List.of(server.url("/f")));
            torrent.addPeer(seed.address());

            us.awaitFinished(info);

            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }
}
