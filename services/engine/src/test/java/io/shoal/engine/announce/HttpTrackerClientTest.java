package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.egress.Egress;
import io.shoal.egress.http.ScriptedServer;
import io.shoal.egress.http.TestNames;
import io.shoal.egress.http.Tls;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ServerSocketFactory;
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
        return client(ONLY_127_0_0_1, address -> true);
    }

    private HttpTrackerClient client(Egress egress, Predicate<InetAddress> isReached) {
        return new HttpTrackerClient(calls.eventLoop(), egress, isReached, Tls.systemTrust(), Duration.ofSeconds(15));
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

    /** Two servers at one name and port, one of each family; the first names a peer of its own family, and so does the other. */
    private record BothFamilies(ScriptedServer v4, ScriptedServer v6) implements AutoCloseable {
        static final byte[] V6_REPLY =
                BencodeEncoder.encode(Map.of("interval", 1800, "peers", new byte[0], "peers6", new byte[] {
                    0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80
                }));

        static BothFamilies start() throws IOException {
            ScriptedServer v4 = ScriptedServer.with("HTTP/1.1 200 OK", REPLY);
            ScriptedServer v6 = new ScriptedServer("::1", fixed(v4.port()), (request, out) -> {
                out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.write(V6_REPLY);
            });
            return new BothFamilies(v4, v6);
        }

        /** Creates sockets at this port. */
        private static ServerSocketFactory fixed(int port) {
            return new ServerSocketFactory() {
                @Override
                public ServerSocket createServerSocket(int any) throws IOException {
                    return new ServerSocket(port);
                }

                @Override
                public ServerSocket createServerSocket(int any, int backlog) throws IOException {
                    return new ServerSocket(port, backlog);
                }

                @Override
                public ServerSocket createServerSocket(int any, int backlog, InetAddress address) throws IOException {
                    return new ServerSocket(port, backlog, address);
                }
            };
        }

        String url() {
            return "http://" + TestNames.BOTH_FAMILIES + ":" + v4.port() + "/announce";
        }

        @Override
        public void close() throws IOException {
            v4.close();
            v6.close();
        }
    }

    private BlockingQueue<AnnounceResult> announce(TrackerClient client, String url, String ownAddress) {
        AnnounceRequest some = TrackerCalls.request(TrackerCalls.HASH, 6881, 0, AnnounceEvent.NONE);
        BlockingQueue<AnnounceResult> results = new LinkedBlockingQueue<>();
        client.announce(
                url,
                new AnnounceRequest(
                        some.infoHash(), some.peerId(), 1, 6881, 0, 0, 0, some.event(), 50, ownAddress, null),
                calls.loop(),
                results::add);
        return results;
    }

    private static List<InetSocketAddress> peers(AnnounceResult... results) {
        List<InetSocketAddress> all = new ArrayList<>();
        for (AnnounceResult result : results) {
            assertThat(result).isInstanceOf(Answered.class);
            all.addAll(((Answered) result).reply().peers());
        }
        return all;
    }

    @Test
    void aTrackerOfBothFamiliesIsAnnouncedToOverBoth() throws Exception {
        try (BothFamilies tracker = BothFamilies.start()) {
            var results = announce(client(InetAddress::isLoopbackAddress, a -> true), tracker.url(), "203.0.113.5");
            assertThat(peers(results.poll(20, TimeUnit.SECONDS), results.poll(20, TimeUnit.SECONDS)))
                    .containsExactlyInAnyOrder(
                            new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 80),
                            new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 80));
            assertThat(tracker.v4.heads.remove()).contains("&port=6881&", "&ip=203.0.113.5");
            assertThat(tracker.v6.heads.remove()).contains("&port=6881&").doesNotContain("&ip=");
        }
    }

    @Test
    void theTrackerWorksIfItWorksOverOneFamily() throws Exception {
        try (BothFamilies tracker = BothFamilies.start()) {
            tracker.v6.close();
            var results = announce(client(InetAddress::isLoopbackAddress, a -> true), tracker.url(), "203.0.113.5");
            assertAnswered(results.poll(20, TimeUnit.SECONDS));
        }
        try (BothFamilies tracker = BothFamilies.start()) {
            tracker.v4.close();
            var results = announce(client(InetAddress::isLoopbackAddress, a -> true), tracker.url(), "203.0.113.5");
            assertThat(peers(results.poll(20, TimeUnit.SECONDS))).hasSize(1);
        }
    }

    /** A tracker would publish an address at which nothing listens; one that has no other is still announced to. */
    @Test
    void aFamilyThatIsNotListenedOnIsUsedOnlyIfItIsTheOnlyOne() throws Exception {
        try (BothFamilies tracker = BothFamilies.start()) {
            TrackerClient client = client(InetAddress::isLoopbackAddress, Inet4Address.class::isInstance);
            assertAnswered(announce(client, tracker.url(), "203.0.113.5").poll(20, TimeUnit.SECONDS));
            assertThat(tracker.v6.heads).isEmpty();
            String only = "http://[::1]:" + tracker.v6.port() + "/announce";
            assertThat(peers(announce(client, only, "203.0.113.5").poll(20, TimeUnit.SECONDS)))
                    .hasSize(1);
            assertThat(tracker.v6.heads.remove()).contains("&ip=203.0.113.5");
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
