package io.shoal.intake.api;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.ScriptedServer;
import io.shoal.egress.http.TestCertificate;
import io.shoal.egress.http.TestNames;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are slow, hostile, or not the tenant's to ask. */
@QuarkusTest
@OnPlatform
class UrlServersTest {
    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(8);

    private static Response add(String url) {
        return add(Tenant.create(), url);
    }

    private static Response add(Tenant tenant, String url) {
        return tenant.submit(Map.of("url", url));
    }

    private static void refused(Response response, String code) {
        response.then().statusCode(422).contentType("application/problem+json").body("code", equalTo(code));
    }

    private static ScriptedServer.Script answer(String head, byte[] body) {
        return (request, out) -> {
            out.write((head + "\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(US_ASCII));
            out.write(body);
        };
    }

    @TestHTTPResource("/v1/transfers")
    private URI transfers = URI.create("http://never.example");

    @Inject
    MeterRegistry meters;

    private double abandoned() {
        return meters.counter("shoal.url.fetches", "outcome", FetchFailure.CANCELLED.code())
                .count();
    }

    /** A tenant makes two fetches at once: both are left by their clients, who must not keep the places of others. */
    @Test
    void theFetchOfAClientThatLeavesEnds() throws Exception {
        double before = abandoned();
        Tenant tenant = Tenant.create();
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedServer silent = new ScriptedServer((request, out) -> {
            asked.countDown();
            end.await();
        })) {
            byte[] body = ("{\"url\": \"" + silent.url() + "\"}").getBytes(US_ASCII);
            byte[] head = ("POST /v1/transfers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + tenant.key()
                            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .getBytes(US_ASCII);
            try (Socket one = new Socket(transfers.getHost(), transfers.getPort());
                    Socket other = new Socket(transfers.getHost(), transfers.getPort())) {
                for (Socket socket : List.of(one, other)) {
                    socket.getOutputStream().write(head);
                    socket.getOutputStream().write(body);
                }
                assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            }
            Tenant.await().untilAsserted(() -> assertThat(abandoned()).isEqualTo(before + 2));
            end.countDown();
        }
    }

    @Test
    void aLargeTorrentIsTaken() throws Exception {
        Metainfo small = Torrents.small();
        byte[] torrent = small.encode();
        byte[] padding = new byte[20 << 20];
        byte[] head = ("d1:a" + padding.length + ":").getBytes(US_ASCII);
        byte[] large = new byte[head.length + padding.length + torrent.length - 1];
        System.arraycopy(head, 0, large, 0, head.length);
        System.arraycopy(torrent, 1, large, head.length + padding.length, torrent.length - 1);
        try (ScriptedServer server = new ScriptedServer(answer("HTTP/1.1 200 OK", large))) {
            add(server.url())
                    .then()
                    .statusCode(201)
                    .body("infoHash", equalTo(small.info().hash().hex()));
        }
    }

    @Test
    void whatIsTooLargeIsReadNoFurtherThanTheLimit() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        ScriptedServer.Script endless = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nd".getBytes(US_ASCII));
            byte[] block = new byte[1 << 20];
            try {
                while (true) {
                    out.write(block);
                }
            } finally {
                gone.countDown();
            }
        };
        try (ScriptedServer server = new ScriptedServer(endless)) {
            refused(add(server.url()), "url-too-large");
            assertThat(gone.await(20, TimeUnit.SECONDS)).as("disconnected").isTrue();
        }
        byte[] bomb = bomb();
        assertThat(bomb.length).isLessThan(1 << 20);
        try (ScriptedServer server = new ScriptedServer(answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", bomb))) {
            refused(add(server.url()), "url-too-large");
        }
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: 104857601", new byte[0])) {
            refused(add(server.url()), "url-too-large");
        }
    }

    /** A GiB, of which the first byte is that of a .torrent, would be 1 MiB: a tenth of it is enough. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write('d');
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 101; i++) {
                gzip.write(zeros);
            }
        }
        return packed.toByteArray();
    }

    @Test
    void aServerThatDoesNotAnswerAsItShouldIsNamed(@TempDir Path folder) throws Exception {
        int closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            closed = free.getLocalPort();
        }
        refused(add("http://127.0.0.1:" + closed + "/"), "url-unreachable");
        try (ScriptedServer server = new ScriptedServer((request, out) -> {})) {
            refused(add(server.url()), "url-broken-answer");
        }
        try (ScriptedServer server = ScriptedServer.with("SSH-2.0-OpenSSH_9.2", new byte[10])) {
            refused(add(server.url()), "url-broken-answer");
        }
        ServerSocketFactory strange = TestCertificate.create(folder).sockets();
        try (ScriptedServer server = new ScriptedServer("127.0.0.1", strange, (request, out) -> {})) {
            refused(add(server.url().replace("http:", "https:")), "url-tls");
        }
    }

    /**
     * Whether an address is forbidden, or a name does not exist: the answers are equal, and none comes before the time that both
     * take.
     */
    @Test
    void nothingIsLearntOfTheNetworkBehindTheFirewall() throws Exception {
        try (ScriptedServer inside =
                        new ScriptedServer("127.0.0.2", ServerSocketFactory.getDefault(), (request, out) -> {});
                ScriptedServer redirects =
                        new ScriptedServer((request, out) -> out.write(("HTTP/1.1 302 Found\r\nLocation: http://"
                                        + request.substring("GET /".length(), request.indexOf(" HTTP"))
                                        + "\r\nContent-Length: 0\r\n\r\n")
                                .getBytes(UTF_8)))) {
            int port = inside.port();
            List<String> targets = List.of(
                    "127.0.0.2:" + port + "/",
                    "127.0.0.2:1/",
                    "10.0.0.1/",
                    "169.254.169.254/latest/meta-data",
                    "2130706434:" + port + "/",
                    "[::ffff:127.0.0.2]:" + port + "/",
                    "[fe80::1]/",
                    "[64:ff9b::7f00:2]/",
                    TestNames.INTERNAL + ":" + port + "/",
                    TestNames.INTERNAL + ":1/",
                    TestNames.UNKNOWN + "/");
            Map<String, Future<Response>> answers = new LinkedHashMap<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (String target : targets) {
                    for (String url :
                            List.of("http://" + target, "http://127.0.0.1:" + redirects.port() + "/" + target)) {
                        answers.put(url, threads.submit(() -> add(url)));
                    }
                }
            }
            String expected = answers.values().iterator().next().get().asString();
            for (Map.Entry<String, Future<Response>> answer : answers.entrySet()) {
                Response response = answer.getValue().get();
                refused(response, "url-not-allowed");
                assertThat(response.asString()).as(answer.getKey()).isEqualTo(expected);
                assertThat(response.timeIn(TimeUnit.MILLISECONDS))
                        .as(answer.getKey())
                        .isGreaterThanOrEqualTo(990);
            }
            assertThat(inside.heads).as("asked nothing").isEmpty();
        }
    }

    /** Answers with the beginning of a .torrent, then with nothing, or with a byte now and then. */
    private static ScriptedServer.Script slow(CountDownLatch asked, CountDownLatch end) {
        return (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nd\r\n".getBytes(US_ASCII));
            out.flush();
            asked.countDown();
            while (!end.await(50, TimeUnit.MILLISECONDS)) {
                if (request.contains("drip")) {
                    out.write("1\r\n8\r\n".getBytes(US_ASCII));
                    out.flush();
                }
            }
        };
    }

    @Test
    @Timeout(90)
    void slowServersOfSomeTenantsDelayNoOtherTenant() throws Exception {
        int tenants = 12;
        CountDownLatch asked = new CountDownLatch(2 * tenants);
        CountDownLatch end = new CountDownLatch(1);
        Metainfo torrent = Torrents.small();
        try (ScriptedServer slow = new ScriptedServer(slow(asked, end));
                ScriptedServer quick = new ScriptedServer(answer("HTTP/1.1 200 OK", torrent.encode()));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Tenant greedy = Tenant.create();
            Tenant other = Tenant.create();
            List<Future<Response>> waiting = new ArrayList<>();
            long begun = System.nanoTime();
            for (int i = 0; i < tenants; i++) {
                Tenant tenant = i == 0 ? greedy : Tenant.create();
                for (String url : List.of(slow.url(), slow.url() + "?drip")) {
                    waiting.add(threads.submit(() -> add(tenant, url)));
                }
            }
            // More than the database has connections.
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            Future<Response> third = threads.submit(() -> add(greedy, quick.url()));
            long before = System.nanoTime();
            add(other, quick.url()).then().statusCode(201);
            other.add(Torrents.small());
            other.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                    .then()
                    .statusCode(201);
            greedy.add(Torrents.small());
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(FETCH_TIMEOUT.dividedBy(2));

            third.get(60, TimeUnit.SECONDS).then().statusCode(503).body("code", equalTo("busy"));
            for (Future<Response> each : waiting) {
                refused(each.get(60, TimeUnit.SECONDS), "url-timeout");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(FETCH_TIMEOUT);
            add(greedy, quick.url()).then().statusCode(201);
            end.countDown();
        }
    }
}
