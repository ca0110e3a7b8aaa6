package io.shoal.local.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.shoal.bittorrent.Limits;
import io.shoal.local.platform.Endpoints;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code add} submits, against an API that says that it is complete. */
class AddCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final Queue<String> submitted = new ConcurrentLinkedQueue<>();
    private final HttpServer api = server();

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void start() throws Exception {
        api.createContext("/v1/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/v1/transfers")) {
                submitted.add(exchange.getRequestHeaders().getFirst("Content-Type") + " "
                        + new String(body, StandardCharsets.UTF_8));
            }
            byte[] answer = JSON.writeValueAsBytes(
                    path.endsWith("/files")
                            ? Map.of("items", List.of())
                            : Map.of("id", "1", "key", "key", "state", "SEEDING", "name", "a name"));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        api.start();
        Files.write(
                Endpoints.file(folder),
                JSON.writeValueAsBytes(
                        Map.of("api", "http://127.0.0.1:" + api.getAddress().getPort(), "operatorKey", "operator")));
    }

    @AfterEach
    void stop() {
        api.stop(0);
    }

    private String submits(String what) {
        assertThat(new CommandLine(new AddCommand()).execute("--data", folder.toString(), what))
                .isZero();
        return submitted.remove();
    }

    @Test
    void aUrlOrAMagnetIsPassedToTheApiAsItIsAndAFileIsSent() throws Exception {
        for (String url : List.of(
                "https://user:pass@indexer.example/a b.torrent?key=1|2",
                "HTTP://x/",
                "ftp://x/a.torrent",
                "magnet:?xt=urn:btih:x&dn=\u7535")) {
            assertThat(submits(url)).isEqualTo("application/json " + JSON.writeValueAsString(Map.of("url", url)));
        }
        Path torrent = Files.writeString(folder.resolve("http.torrent"), "de");
        assertThat(submits(torrent.toString())).isEqualTo("application/x-bittorrent de");
    }

    @Test
    void whatIsNoTorrentFileIsRefusedByNameAndNotSent() throws Exception {
        assertThat(failure(folder)).contains("is a folder");
        assertThat(failure(folder.resolve("none"))).contains("no such file");
        Path huge = folder.resolve("huge");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(3L << 30); // sparse
        }
        assertThat(failure(huge)).contains("more than " + Limits.METAINFO_BYTES + " bytes");
        assertThat(submitted).isEmpty();
    }

    private String failure(Path file) {
        List<String> failures = new ArrayList<>();
        CommandLine line = new CommandLine(new AddCommand())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    failures.add(String.valueOf(failure.getMessage()));
                    return 1;
                });
        assertThat(line.execute("--data", folder.toString(), file.toString())).isOne();
        return failures.getFirst();
    }
}
