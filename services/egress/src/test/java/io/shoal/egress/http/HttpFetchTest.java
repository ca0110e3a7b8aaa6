package io.shoal.egress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.Egress;
import io.shoal.egress.http.Body.Answered;
import io.shoal.egress.http.Body.Failed;
import io.shoal.egress.http.Body.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpFetchTest {
    private static final byte[] BODY = "some bytes".getBytes(US_ASCII);
    private static final int BODY_MAX = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(15);

    private static final Egress ONLY_127_0_0_1 = address -> address.equals(InetAddress.ofLiteral("127.0.0.1"));

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);

    @AfterEach
    void close() throws InterruptedException {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    private CompletableFuture<Outcome> begin(String url, Duration timeout, SslContext tls) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        SourceUrl parsed = Objects.requireNonNull(SourceUrl.parse(url));
        new HttpFetch(
                        loops.next(),
                        ONLY_127_0_0_1,
                        tls,
                        new FetchRequest(parsed, BODY_MAX, timeout),
                        new Body(outcome::complete))
                .start();
        return outcome;
    }

    private Outcome fetch(String url, Duration timeout) throws Exception {
        return begin(url, timeout, Tls.systemTrust()).get(30, TimeUnit.SECONDS);
    }

    private Outcome fetch(String url) throws Exception {
        return fetch(url, LONG);
    }

    private Outcome against(String head, byte[] body) throws Exception {
        try (ScriptedServer server = ScriptedServer.with(head, body)) {
            return fetch(server.url());
        }
    }

    private static void assertBody(Outcome outcome) {
        assertThat(outcome).isInstanceOfSatisfying(Answered.class, answered -> {
            assertThat(answered.status()).isEqualTo(200);
            assertThat(answered.body()).isEqualTo(BODY);
        });
    }

    private static Failed failed(FetchFailure failure) {
        return new Failed(failure);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void theRequestIsWhatServersExpect() throws Exception {
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: 10", BODY)) {
            assertBody(fetch(server.url() + "?passkey=1|2#x"));
            assertThat(server.heads.remove())
                    .startsWith("GET /announce?passkey=1|2 HTTP/1.1\n")
                    .containsIgnoringCase("host: 127.0.0.1:" + server.port() + "\n")
                    .containsIgnoringCase("user-agent: Shoal\n")
                    .containsIgnoringCase("accept-encoding: gzip\n")
                    .doesNotContainIgnoringCase("authorization");
        }
    }

    @Test
    void everyWayToSendABodyIsUnderstood() throws Exception {
        assertBody(against("HTTP/1.0 200 OK", BODY));
        byte[] packed = gzip(BODY);
        assertBody(against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.length, packed));
        String chunked = Integer.toHexString(BODY.length) + "\r\n" + new String(BODY, ISO_8859_1) + "\r\n0\r\n\r\n";
        assertBody(against("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", chunked.getBytes(ISO_8859_1)));
    }

    @Test
    void headerLinesMayEndInASingleLineFeed() throws Exception {
        ScriptedServer.Script bare = (request, out) -> {
            out.write("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 10\n\n".getBytes(US_ASCII));
            out.write(BODY);
        };
        try (ScriptedServer server = new ScriptedServer(bare)) {
            assertBody(fetch(server.url()));
        }
    }

    @Test
    void anyStatusIsAnAnswer() throws Exception {
        assertThat(against("HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 3", new byte[3]))
                .isInstanceOfSatisfying(Answered.class, answered -> {
                    assertThat(answered.status()).isEqualTo(503);
                    assertThat(answered.headers().get("retry-after")).isEqualTo("120");
                });
    }

    @Test
    void interimAnswersAreNotTheAnswer() throws Exception {
        String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
        assertBody(against("HTTP/1.1 100 Continue\r\n\r\n" + hints + "HTTP/1.1 200 OK\r\nContent-Length: 10", BODY));
        assertThat(against(hints.repeat(1_000) + "HTTP/1.1 200 OK\r\nContent-Length: 10", BODY))
                .isEqualTo(failed(FetchFailure.MALFORMED));
        assertThat(against("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket", new byte[0]))
                .isInstanceOfSatisfying(
                        Answered.class,
                        answered -> assertThat(answered.status()).isEqualTo(101));
    }

    @Test
    void whatIsTooLargeIsNotRead() throws Exception {
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Length: 1048577", new byte[BODY_MAX]))
                .isEqualTo(failed(FetchFailure.TOO_LARGE));
        assertThat(against("HTTP/1.1 200 OK", new byte[3 << 20])).isEqualTo(failed(FetchFailure.TOO_LARGE));
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", gzip(new byte[64 << 20])))
                .isEqualTo(failed(FetchFailure.TOO_LARGE));
    }

    @Test
    void anEndlessBodyIsCutOff() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        ScriptedServer.Script endless = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(US_ASCII));
            byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(US_ASCII);
            try {
                while (true) {
                    out.write(chunk);
                }
            } finally {
                gone.countDown();
            }
        };
        try (ScriptedServer server = new ScriptedServer(endless)) {
            assertThat(fetch(server.url())).isEqualTo(failed(FetchFailure.TOO_LARGE));
            assertThat(gone.await(10, TimeUnit.SECONDS)).as("disconnected").isTrue();
        }
    }

    @Test
    void garbageIsNamed() throws Exception {
        Failed malformed = failed(FetchFailure.MALFORMED);
        assertThat(against("SSH-2.0-OpenSSH_9.2", new byte[100])).isEqualTo(malformed);
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", BODY)).isEqualTo(malformed);
        assertThat(against("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "zz\r\nxx\r\n".getBytes(US_ASCII)))
                .isEqualTo(malformed);
        assertThat(against("HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000), new byte[0]))
                .isEqualTo(malformed);
    }

    @Test
    void aServerThatSaysNothingIsClosedOrTimesOut() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, out) -> {})) {
            assertThat(fetch(server.url())).isEqualTo(failed(FetchFailure.CLOSED));
        }
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, out) -> never.await())) {
            assertThat(fetch(server.url(), Duration.ofMillis(200))).isEqualTo(failed(FetchFailure.TIMEOUT));
        }
        never.countDown();
    }

    @Test
    void aServerThatDoesNotShakeHandsTimesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            // More than the 10 s that the TLS handler of itself gives a handshake.
            assertThat(fetch("https://127.0.0.1:" + silent.getLocalPort() + "/a", Duration.ofMillis(10_500)))
                    .isEqualTo(failed(FetchFailure.TIMEOUT));
        }
    }

    @Test
    void aServerThatTricklesTimesOut() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ScriptedServer.Script trickle = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(US_ASCII));
            while (!never.await(20, TimeUnit.MILLISECONDS)) {
                out.write('d');
            }
        };
        try (ScriptedServer server = new ScriptedServer(trickle)) {
            assertThat(fetch(server.url(), Duration.ofMillis(300))).isEqualTo(failed(FetchFailure.TIMEOUT));
        }
        never.countDown();
    }

    @Test
    void aFetchCanBeCancelled() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer((request, out) -> {
            asked.countDown();
            never.await();
        })) {
            SourceUrl url = Objects.requireNonNull(SourceUrl.parse(server.url()));
            HttpFetch fetch = new HttpFetch(
                    loops.next(),
                    ONLY_127_0_0_1,
                    Tls.systemTrust(),
                    new FetchRequest(url, BODY_MAX, LONG),
                    new Body(outcome::complete));
            fetch.start();
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            fetch.cancel();
            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(failed(FetchFailure.CANCELLED));
        }
        never.countDown();
    }

    @Test
    void redirectsAreFollowedWithinBounds() throws Exception {
        try (ScriptedServer target = ScriptedServer.with("HTTP/1.1 200 OK", BODY)) {
            assertBody(against("HTTP/1.1 302 Found\r\nLocation: " + target.url() + "?x=1", new byte[0]));
            assertThat(target.heads.remove()).startsWith("GET /announce?x=1 ");
        }
        try (ScriptedServer loop = ScriptedServer.with("HTTP/1.1 301 Moved\r\nLocation: /announce", new byte[0])) {
            assertThat(fetch(loop.url())).isEqualTo(failed(FetchFailure.REDIRECT));
            assertThat(loop.heads).hasSize(4);
        }
        for (String elsewhere : new String[] {"ftp://127.0.0.1/", "udp://127.0.0.1:1/", "::not a url"}) {
            assertThat(against("HTTP/1.1 302 Found\r\nLocation: " + elsewhere, new byte[0]))
                    .isEqualTo(failed(FetchFailure.REDIRECT));
        }
    }

    @Test
    void aRedirectMayNameAPathInAnyScript() throws Exception {
        ScriptedServer.Script raw = (request, out) -> out.write((request.startsWith("GET /announce")
                        ? "HTTP/1.1 302 Found\r\nLocation: /\u7535 1\r\nContent-Length: 0\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome bytes")
                .getBytes(UTF_8));
        try (ScriptedServer server = new ScriptedServer(raw)) {
            assertBody(fetch(server.url()));
            assertThat(server.heads).last().asString().startsWith("GET /%E7%94%B5%201 ");
        }
    }

    @Test
    void aRedirectToAMagnetIsAnAnswer() throws Exception {
        assertThat(against("HTTP/1.1 302 Found\r\nLocation: magnet:?xt=x\r\nContent-Length: 0", new byte[0]))
                .isInstanceOfSatisfying(Answered.class, answered -> {
                    assertThat(answered.status()).isEqualTo(302);
                    assertThat(answered.headers().get("location")).isEqualTo("magnet:?xt=x");
                });
    }

    @Test
    void credentialsAreSentToTheirOriginOnly() throws Exception {
        try (ScriptedServer other = ScriptedServer.with("HTTP/1.1 200 OK", BODY);
                ScriptedServer first =
                        new ScriptedServer((request, out) -> out.write((request.startsWith("GET /announce")
                                        ? "HTTP/1.1 302 Found\r\nLocation: /second\r\n\r\n"
                                        : "HTTP/1.1 302 Found\r\nLocation: "
                                                + other.url().replace("//", "//u:x@") + "\r\n\r\n")
                                .getBytes(US_ASCII)))) {
            assertBody(fetch(first.url().replace("//", "//user:secret@")));
            assertThat(first.heads.remove()).containsIgnoringCase("authorization: Basic dXNlcjpzZWNyZXQ=\n");
            assertThat(first.heads.remove())
                    .startsWith("GET /second ")
                    .containsIgnoringCase("authorization: Basic dXNlcjpzZWNyZXQ=\n");
            assertThat(other.heads.remove()).doesNotContainIgnoringCase("authorization");
        }
    }

    @Test
    void noRedirectLeadsToAForbiddenAddress() throws Exception {
        ScriptedServer.Script secret = (request, out) -> out.write(BODY);
        try (ScriptedServer inside = new ScriptedServer("127.0.0.2", ServerSocketFactory.getDefault(), secret)) {
            assertThat(against("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:" + inside.port() + "/", new byte[0]))
                    .isEqualTo(failed(FetchFailure.FORBIDDEN_ADDRESS));
            assertThat(fetch("http://127.0.0.2:" + inside.port() + "/"))
                    .isEqualTo(failed(FetchFailure.FORBIDDEN_ADDRESS));
            assertThat(inside.heads).isEmpty();
        }
    }

    @Test
    void howLongARefusalTakesDoesNotTellWhetherANameExists() throws Exception {
        for (String host : List.of(TestNames.INTERNAL, TestNames.UNKNOWN)) {
            long begun = System.nanoTime();
            assertThat(fetch("http://" + host + "/a"))
                    .isIn(failed(FetchFailure.FORBIDDEN_ADDRESS), failed(FetchFailure.DNS));
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as(host)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(990));
        }
    }

    @Test
    void aServerThatDoesNotListenIsUnreachable() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        assertThat(fetch("http://127.0.0.1:" + port + "/a")).isEqualTo(failed(FetchFailure.UNREACHABLE));
        assertThat(fetch("http://no-such-tracker.invalid/a")).isEqualTo(failed(FetchFailure.DNS));
    }

    @Test
    void theNextAddressOfANameIsTriedWhenTheFirstRefuses() throws Exception {
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK", BODY)) {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            SourceUrl url = Objects.requireNonNull(
                    SourceUrl.parse("http://" + TestNames.TWO_ADDRESSES + ":" + server.port() + "/a"));
            new HttpFetch(
                            loops.next(),
                            address -> true,
                            Tls.systemTrust(),
                            new FetchRequest(url, BODY_MAX, LONG),
                            new Body(outcome::complete))
                    .start();
            assertBody(outcome.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void overTlsTheServerMustProveItsIdentity(@TempDir Path dir) throws Exception {
        TestCertificate certificate = TestCertificate.create(dir);
        SslContext trusting = SslContextBuilder.forClient()
                .trustManager(certificate.trust())
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        ScriptedServer.Script script = (request, out) -> {
            String answer = request.startsWith("GET /down")
                    ? "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length + "\r\n\r\n";
            out.write(answer.getBytes(US_ASCII));
            out.write(BODY);
            out.flush();
        };
        try (ScriptedServer server = new ScriptedServer("127.0.0.1", certificate.sockets(), script)) {
            String url = "https://127.0.0.1:" + server.port();
            assertBody(begin(url + "/announce", LONG, trusting).get(30, TimeUnit.SECONDS));
            assertThat(begin(url + "/down", LONG, trusting).get(30, TimeUnit.SECONDS))
                    .as("to plain HTTP")
                    .isEqualTo(failed(FetchFailure.REDIRECT));
            assertThat(fetch(url + "/announce")).isEqualTo(failed(FetchFailure.TLS));
            assertThat(begin("https://localhost:" + server.port() + "/", LONG, trusting)
                            .get(30, TimeUnit.SECONDS))
                    .as("another name")
                    .isEqualTo(failed(FetchFailure.TLS));
        }
        try (ScriptedServer plain = ScriptedServer.with("HTTP/1.1 200 OK", BODY)) {
            assertThat(fetch(plain.url().replace("http:", "https:"), Duration.ofMillis(500)))
                    .isIn(failed(FetchFailure.TLS), failed(FetchFailure.TIMEOUT));
        }
    }
}
