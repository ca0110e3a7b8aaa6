package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.egress.Egress;
import io.shoal.egress.http.ScriptedServer;
import io.shoal.egress.http.Tls;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpTrackerClientTest {
    private static final byte[] REPLY =
            BencodeEncoder.encode(Map.of("interval", 1800, "peers", new byte[] {(byte) 198, 51, 100, 1, 0, 80}));

    private static final Egress ONLY_127_0_0_1 = address -> address.equals(InetAddress.ofLiteral("127.0.0.1"));

    private final TrackerCalls calls = new TrackerCalls();

    @AfterEach
    void close() throws Exception {
        calls.close();
    }

    private HttpTrackerClient client() {
        return new HttpTrackerClient(calls.eventLoop(), ONLY_127_0_0_1, Tls.systemTrust(), Duration.ofSeconds(15));
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

    @Test
    void anAnnounceIsAnswered() throws Exception {
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: " + REPLY.length, REPLY)) {
            assertAnswered(call(client(), server.url() + "?passkey=x"));
            assertThat(server.heads.remove()).startsWith("GET /announce?passkey=x&info_hash=%01%02");
        }
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
        assertThat(against("HTTP/1.1 200 OK", new byte[3 << 20])).isEqualTo(Failed.of(Codes.TOO_LARGE));
    }

    @Test
    void garbageIsNamed() throws Exception {
        assertThat(against("HTTP/1.1 200 OK", "<html>".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(Failed.of(Codes.MALFORMED));
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
}
