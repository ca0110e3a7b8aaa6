package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.net.Egress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTrackerClientTest {
    private static final byte[] REPLY =
            BencodeEncoder.encode(Map.of("interval", 1800, "peers", new byte[] {(byte) 198, 51, 100, 1, 0, 80}));

    private static final Egress ONLY_127_0_0_1 = address -> address.equals(InetAddress.ofLiteral("127.0.0.1"));

    private final TrackerCalls calls = new TrackerCalls();

    @AfterEach
    void close() throws Exception {
        calls.close();
    }

    private HttpTrackerClient client() throws IOException {
        return client(Duration.ofSeconds(15));
    }

    private HttpTrackerClient client(Duration timeout) throws IOException {
        SslContext tls = SslContextBuilder.forClient()
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        return new HttpTrackerClient(calls.eventLoop(), ONLY_127_0_0_1, tls, timeout);
    }

    private static void assertAnswered(AnnounceResult outcome) {
        assertThat(outcome).isInstanceOfSatisfying(Answered.class, answered -> {
            assertThat(answered.reply().interval()).isEqualTo(1800);
            assertThat(answered.reply().peers())
                    .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 80));
        });
    }

    private AnnounceResult against(String head, byte[] body) throws Exception {
        try (ScriptedServer server = ScriptedServer.with(head, body)) {
            return call(client(), server.url());
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void anAnnounceIsAnswered() throws Exception {
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: " + REPLY.length, REPLY)) {
            assertAnswered(call(client(), server.url() + "?passkey=x"));
            assertThat(server.heads.remove())
                    .startsWith("GET /announce?passkey=x&info_hash=%01%02")
                    .containsIgnoringCase("host: 127.0.0.1:" + server.port() + "\n")
                    .containsIgnoringCase("user-agent: Shoal\n")
                    .containsIgnoringCase("accept-encoding: gzip\n");
        }
    }

    @Test
    void everyWayToSendABodyIsUnderstood() throws Exception {
        assertAnswered(against("HTTP/1.0 200 OK", REPLY));
        byte[] packed = gzip(REPLY);
        assertAnswered(
                against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.length, packed));
        String chunked = Integer.toHexString(REPLY.length) + "\r\n" + new String(REPLY, StandardCharsets.ISO_8859_1)
                + "\r\n0\r\n\r\n";
        assertAnswered(against(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", chunked.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void aRefusalIsReportedCleaned() throws Exception {
        byte[] refusal =
                BencodeEncoder.encode(Map.of("failure reason", "no\r\nsuch http://t/?passkey=SECRET", "retry in", 2));
        assertThat(against("HTTP/1.1 200 OK", refusal))
                .isEqualTo(new Failed(Codes.FAILURE, "no such [...]", Duration.ofMinutes(2)));
    }

    @Test
    void anotherStatusIsNamed() throws Exception {
        assertThat(against("HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 3", new byte[3]))
                .isEqualTo(new Failed("http-503", "", Duration.ofMinutes(2)));
        assertThat(against("HTTP/1.1 404 No\r\nRetry-After: Mon, 01 Jan", new byte[3]))
                .isEqualTo(Failed.of("http-404"));
    }

    @Test
    void tooLargeResponsesAreNotRead() throws Exception {
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Length: 1048577", new byte[1 << 20]))
                .isEqualTo(Failed.of(Codes.TOO_LARGE));
        assertThat(against("HTTP/1.1 200 OK", new byte[3 << 20])).isEqualTo(Failed.of(Codes.TOO_LARGE));
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", gzip(new byte[64 << 20])))
                .isEqualTo(Failed.of(Codes.TOO_LARGE));
    }

    @Test
    void anEndlessBodyIsCutOff() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        ScriptedServer.Script endless = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            try {
                while (true) {
                    out.write(chunk);
                }
            } finally {
                gone.countDown();
            }
        };
        try (ScriptedServer server = new ScriptedServer(endless)) {
            assertThat(call(client(), server.url())).isEqualTo(Failed.of(Codes.TOO_LARGE));
            assertThat(gone.await(10, TimeUnit.SECONDS)).as("disconnected").isTrue();
        }
    }

    @Test
    void garbageIsNamed() throws Exception {
        assertThat(against("HTTP/1.1 200 OK", "<html>".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(Failed.of(Codes.MALFORMED));
        assertThat(against("SSH-2.0-OpenSSH_9.2", new byte[100])).isEqualTo(Failed.of(Codes.MALFORMED));
        assertThat(against("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", REPLY)).isEqualTo(Failed.of(Codes.MALFORMED));
        assertThat(against(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
                        "zz\r\nxx\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(Failed.of(Codes.MALFORMED));
        assertThat(against("HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000), new byte[0]))
                .isEqualTo(Failed.of(Codes.MALFORMED));
    }

    @Test
    void aSilentServerClosesOrTimesOut() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, out) -> {})) {
            assertThat(call(client(), server.url())).isEqualTo(Failed.of(Codes.CLOSED));
        }
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, out) -> never.await())) {
            assertThat(call(client(Duration.ofMillis(200)), server.url())).isEqualTo(Failed.of(Codes.TIMEOUT));
        }
        never.countDown();
    }

    @Test
    void aServerThatTricklesTimesOut() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ScriptedServer.Script trickle = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!never.await(20, TimeUnit.MILLISECONDS)) {
                out.write('d');
            }
        };
        try (ScriptedServer server = new ScriptedServer(trickle)) {
            assertThat(call(client(Duration.ofMillis(300)), server.url())).isEqualTo(Failed.of(Codes.TIMEOUT));
        }
        never.countDown();
    }

    @Test
    void redirectsAreFollowedUpToALimit() throws Exception {
        try (ScriptedServer target = ScriptedServer.with("HTTP/1.1 200 OK", REPLY)) {
            assertAnswered(against("HTTP/1.1 302 Found\r\nLocation: " + target.url() + "?x=1", new byte[0]));
            assertThat(target.heads.remove()).startsWith("GET /announce?x=1 ");
        }
        try (ScriptedServer loop = ScriptedServer.with("HTTP/1.1 301 Moved\r\nLocation: /announce", new byte[0])) {
            assertThat(call(client(), loop.url())).isEqualTo(Failed.of(Codes.REDIRECT));
            assertThat(loop.heads).hasSize(4);
        }
        assertThat(against("HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/", new byte[0]))
                .isEqualTo(Failed.of(Codes.REDIRECT));
        assertThat(against("HTTP/1.1 302 Found\r\nLocation: ::not a url", new byte[0]))
                .isEqualTo(Failed.of(Codes.REDIRECT));
    }

    @Test
    void noRedirectLeadsWhereWeMustNotConnect() throws Exception {
        ScriptedServer.Script secret = (request, out) -> out.write(REPLY);
        try (ScriptedServer inside = new ScriptedServer("127.0.0.2", ServerSocketFactory.getDefault(), secret)) {
            assertThat(against("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:" + inside.port() + "/", new byte[0]))
                    .isEqualTo(Failed.of(Codes.FORBIDDEN));
            assertThat(call(client(), "http://127.0.0.2:" + inside.port() + "/"))
                    .isEqualTo(Failed.of(Codes.FORBIDDEN));
            assertThat(inside.heads).isEmpty();
        }
    }

    @Test
    void aPortWithoutListenerIsUnreachable() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        assertThat(call(client(), "http://127.0.0.1:" + port + "/a")).isEqualTo(Failed.of(Codes.UNREACHABLE));
        assertThat(call(client(), "http://no-such-tracker.invalid/a")).isEqualTo(Failed.of(Codes.DNS));
    }

    @Test
    void urlsThatCannotBeUsedAreNamed() throws Exception {
        assertThat(call(client(), "ftp://127.0.0.1/")).isEqualTo(Failed.of(Codes.URL));
        assertThat(call(client(), "http:///a")).isEqualTo(Failed.of(Codes.URL));
        assertThat(call(client(), "no url at all")).isEqualTo(Failed.of(Codes.URL));
    }

    @Test
    void atMostFiftyAnnouncesRunAtOnceAndTenPerServer() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger mostOfOne = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(HttpTrackerClient.AT_ONCE);
        Semaphore mayAnswer = new Semaphore(0);
        List<ScriptedServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < 7; i++) {
                AtomicInteger here = new AtomicInteger();
                servers.add(new ScriptedServer((request, out) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    mostOfOne.accumulateAndGet(here.incrementAndGet(), Math::max);
                    full.countDown();
                    mayAnswer.acquire();
                    here.decrementAndGet();
                    now.decrementAndGet();
                    out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.write(REPLY);
                }));
            }
            HttpTrackerClient client = client();
            List<CompletableFuture<AnnounceResult>> outcomes = new ArrayList<>();
            for (int i = 0; i < 140; i++) {
                outcomes.add(TrackerCalls.begin(
                        client,
                        servers.get(i / 20).url(),
                        TrackerCalls.request(TrackerCalls.HASH, i + 1, 0, AnnounceEvent.NONE)));
            }
            assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
            mayAnswer.release(140);
            for (CompletableFuture<AnnounceResult> each : outcomes) {
                assertAnswered(each.get(20, TimeUnit.SECONDS));
            }
            assertThat(most.get()).isEqualTo(HttpTrackerClient.AT_ONCE);
            assertThat(mostOfOne.get()).isEqualTo(HttpTrackerClient.AT_ONCE_PER_SERVER);
        } finally {
            for (ScriptedServer server : servers) {
                server.close();
            }
        }
    }

    @Test
    void aSilentServerDoesNotBlockOthers() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedServer silent = new ScriptedServer((request, out) -> never.await());
                ScriptedServer good = ScriptedServer.with("HTTP/1.1 200 OK", REPLY)) {
            HttpTrackerClient client = client();
            for (int i = 1; i <= 60; i++) {
                var _ = TrackerCalls.begin(
                        client, silent.url(), TrackerCalls.request(TrackerCalls.HASH, i, 0, AnnounceEvent.NONE));
            }
            assertAnswered(TrackerCalls.begin(
                            client, good.url(), TrackerCalls.request(TrackerCalls.HASH, 61, 0, AnnounceEvent.NONE))
                    .get(5, TimeUnit.SECONDS));
            client.close();
        }
        never.countDown();
    }

    @Test
    void thousandsThatFailAsTheyStartAreNoBurden() throws Exception {
        CountDownLatch full = new CountDownLatch(HttpTrackerClient.AT_ONCE);
        CountDownLatch never = new CountDownLatch(1);
        List<ScriptedServer> silent = new ArrayList<>();
        HttpTrackerClient client = client();
        for (int i = 0; i < HttpTrackerClient.AT_ONCE; i++) {
            if (i % HttpTrackerClient.AT_ONCE_PER_SERVER == 0) {
                silent.add(new ScriptedServer((request, out) -> {
                    full.countDown();
                    never.await();
                }));
            }
            var _ = TrackerCalls.begin(
                    client,
                    silent.getLast().url(),
                    TrackerCalls.request(TrackerCalls.HASH, i + 1, 0, AnnounceEvent.NONE));
        }
        assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
        List<CompletableFuture<AnnounceResult>> outcomes = new ArrayList<>();
        for (int i = 1; i <= 20_000; i++) {
            outcomes.add(TrackerCalls.begin(
                    client, "no url", TrackerCalls.request(TrackerCalls.HASH, i, 0, AnnounceEvent.NONE)));
        }
        for (ScriptedServer server : silent) {
            server.close();
        }
        never.countDown();
        for (CompletableFuture<AnnounceResult> each : outcomes) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(Failed.of(Codes.URL));
        }
    }

    @Test
    void closingFailsWhatIsUnderWayAndWhatWaits() throws Exception {
        CountDownLatch requested = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        ScriptedServer.Script silent = (request, out) -> {
            requested.countDown();
            never.await();
        };
        try (ScriptedServer server = new ScriptedServer(silent)) {
            HttpTrackerClient client = client();
            List<CompletableFuture<AnnounceResult>> outcomes = new ArrayList<>();
            for (int i = 1; i <= 30; i++) {
                outcomes.add(TrackerCalls.begin(
                        client, server.url(), TrackerCalls.request(TrackerCalls.HASH, i, 0, AnnounceEvent.NONE)));
            }
            assertThat(requested.await(10, TimeUnit.SECONDS)).isTrue();
            client.close();
            for (CompletableFuture<AnnounceResult> each : outcomes) {
                assertThat(each.get(10, TimeUnit.SECONDS)).isEqualTo(Failed.of(Codes.STOPPING));
            }
            assertThat(call(client, server.url())).isEqualTo(Failed.of(Codes.STOPPING));
        }
        never.countDown();
    }

    @Test
    void overTlsTheServerMustProveItsIdentity(@TempDir Path dir) throws Exception {
        Path keys = dir.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "tracker",
                        "-dname",
                        "CN=tracker",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storepass",
                        "secret",
                        "-keystore",
                        keys.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "secret".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, "secret".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        SslContext trusting = SslContextBuilder.forClient()
                .trustManager(trust)
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        ScriptedServer.Script script = (request, out) -> {
            String answer = request.startsWith("GET /down")
                    ? "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Length: " + REPLY.length + "\r\n\r\n";
            out.write(answer.getBytes(StandardCharsets.US_ASCII));
            out.write(REPLY);
            out.flush();
        };
        try (ScriptedServer server = new ScriptedServer("127.0.0.1", context.getServerSocketFactory(), script);
                HttpTrackerClient trustful =
                        new HttpTrackerClient(calls.eventLoop(), ONLY_127_0_0_1, trusting, Duration.ofSeconds(15))) {
            String url = "https://127.0.0.1:" + server.port();
            assertAnswered(call(trustful, url + "/announce"));
            assertThat(call(trustful, url + "/down")).as("to plain HTTP").isEqualTo(Failed.of(Codes.REDIRECT));
            assertThat(call(client(), url + "/announce")).isEqualTo(Failed.of(Codes.TLS));
            assertThat(call(trustful, "https://localhost:" + server.port() + "/announce"))
                    .as("another name")
                    .isEqualTo(Failed.of(Codes.TLS));
        }
        try (ScriptedServer plain = ScriptedServer.with("HTTP/1.1 200 OK", REPLY)) {
            assertThat(call(client(Duration.ofMillis(500)), plain.url().replace("http:", "https:")))
                    .isIn(Failed.of(Codes.TLS), Failed.of(Codes.TIMEOUT));
        }
    }
}
