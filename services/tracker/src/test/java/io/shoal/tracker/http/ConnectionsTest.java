package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.LEECH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.shoal.tracker.Loopback;
import io.shoal.tracker.http.Client.Response;
import io.shoal.tracker.swarms.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 9: whatever a connection does, it gets a right answer, and what it costs is bounded. */
class ConnectionsTest {
    private static final String ANNOUNCE = "GET /announce?" + LEECH + " HTTP/1.1\r\nHost: t\r\n\r\n";

    private final Loopback tracker;

    ConnectionsTest() throws Exception {
        tracker = Loopback.open();
    }

    @AfterEach
    void close() {
        tracker.close();
    }

    @Test
    void row9AConnectionIsKeptAndPipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (Client client = new Client(tracker)) {
            for (int round = 0; round < 3; round++) {
                client.send(ANNOUNCE + "GET /nowhere HTTP/1.1\r\n\r\n" + ANNOUNCE);
                assertThat(client.read(true).body()).startsWith("d8:complete");
                assertThat(client.read(true).status()).isEqualTo("HTTP/1.1 404 Not Found");
                assertThat(client.read(true).body()).startsWith("d8:complete");
            }
        }
    }

    @Test
    void row9AThousandPipelinedRequestsAreAllAnswered() throws Exception {
        try (Client client = new Client(tracker)) {
            Thread sender = Thread.startVirtualThread(() -> {
                try {
                    client.send(ANNOUNCE.repeat(1_000));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 1_000; i++) {
                assertThat(client.read(true).body()).startsWith("d8:complete");
            }
            sender.join();
        }
    }

    @Test
    void row9ARequestThatComesByteByByteIsAnswered() throws Exception {
        try (Client client = new Client(tracker)) {
            for (int i = 0; i < ANNOUNCE.length(); i++) {
                client.send(ANNOUNCE.substring(i, i + 1));
            }
            assertThat(client.read(true).body()).startsWith("d8:complete");
        }
    }

    @Test
    void row9Http10ClosesUnlessAskedNotTo() throws Exception {
        try (Client client = new Client(tracker)) {
            client.send("GET /announce?" + LEECH + " HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
            assertThat(client.read(true).headers()).containsEntry("connection", "keep-alive");
            client.send("GET /announce?" + LEECH + " HTTP/1.0\r\n\r\n");
            assertThat(client.read(true).headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void row9AClientMayAskToClose() throws Exception {
        try (Client client = new Client(tracker)) {
            client.send("GET /announce?" + LEECH + " HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertThat(client.read(true).headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void row9HeadHasTheHeadersOfGetAndNoBody() throws Exception {
        try (Client client = new Client(tracker)) {
            client.send(ANNOUNCE.replace("GET", "HEAD") + ANNOUNCE);
            Response head = client.read(false);
            Response get = client.read(true);
            assertThat(head.status()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(get.status()).as("right behind the headers").isEqualTo("HTTP/1.1 200 OK");
            assertThat(head.headers()).isEqualTo(get.headers());
        }
    }

    @Test
    void aPersonSeesThePeersAndAnnounces() throws Exception {
        Client.announce(tracker, LEECH);
        Response page = Client.get(tracker, "/");
        assertThat(page.headers()).containsEntry("content-type", "text/html; charset=utf-8");
        assertThat(page.body())
                .contains("<th>leeches</th><td>1</td><td>0</td>", "<th>announces</th><td>1</td><td>0</td>")
                .doesNotContain("<script");
    }

    @Test
    void row9PostIsNotAllowed() throws Exception {
        try (Client client = new Client(tracker)) {
            client.send("POST /announce HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000));
            Response response = client.read(true);
            assertThat(response.status()).isEqualTo("HTTP/1.1 405 Method Not Allowed");
            assertThat(response.headers()).containsEntry("allow", "GET, HEAD");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void row9ABodyIsRefused(String header) throws Exception {
        assertThat(Client.get(tracker, "/announce?" + LEECH, header + "\r\n").status())
                .isEqualTo("HTTP/1.1 413 Content Too Large");
    }

    @Test
    void row9AnAbsoluteTargetIsUnderstood() throws Exception {
        assertThat(Client.get(tracker, "http://tracker.example:80/announce?" + LEECH)
                        .body())
                .startsWith("d8:complete");
    }

    @Test
    void row9LinesOf8KiBAreAnsweredAndLongerOnesRefused() throws Exception {
        String target = "/announce?" + LEECH + "&padding=";
        int room = 8_192 - "GET  HTTP/1.1".length() - target.length();
        assertThat(Client.get(tracker, target + "x".repeat(room)).body()).startsWith("d8:complete");
        assertThat(Client.get(tracker, target + "x".repeat(room + 10)).status()).isEqualTo("HTTP/1.1 414 URI Too Long");
        try (Client client = new Client(tracker)) {
            client.send("GET /" + "x".repeat(50_000));
            assertThat(client.read(true).status()).isEqualTo("HTTP/1.1 414 URI Too Long");
        }
    }

    @Test
    void row9AHeadOfMoreThan16KiBIsRefused() throws Exception {
        assertThat(Client.get(tracker, "/announce?" + LEECH, "X-Long: a\r\n".repeat(2_000))
                        .status())
                .isEqualTo("HTTP/1.1 431 Request Header Fields Too Large");
    }

    @Test
    void row9WhatIsNotHttpIsABadRequest() throws Exception {
        for (String nonsense :
                new String[] {"hello\r\n", "GET /announce\r\n", "\u0016\u0003\u0001 \n", "GET / HTTP/2.0\n"}) {
            try (Client client = new Client(tracker)) {
                client.send(nonsense);
                assertThat(client.read(true).status()).isEqualTo("HTTP/1.1 400 Bad Request");
                assertThat(client.isAtEnd()).isTrue();
            }
        }
    }

    @Test
    void row9ASlowSenderIsCutOffAndSoIsAnIdleOne() throws Exception {
        Limits impatient = Loopback.limits(Duration.ofMillis(200), Duration.ofMillis(300), 10);
        try (Loopback strict = new Loopback("127.0.0.1", false, true, impatient);
                Client slow = new Client(strict);
                Client idle = new Client(strict)) {
            slow.send("GET /announce?" + LEECH);
            idle.send(ANNOUNCE);
            assertThat(idle.read(true).body()).startsWith("d8:complete");
            assertThat(slow.isAtEnd()).isTrue();
            assertThat(idle.isAtEnd()).isTrue();
        }
    }

    @Test
    void row9WhoSendsAByteNowAndThenIsCutOffToo() throws Exception {
        Limits impatient = Loopback.limits(Duration.ofMillis(200), Duration.ofSeconds(30), 10);
        try (Loopback strict = new Loopback("127.0.0.1", false, true, impatient);
                Client slow = new Client(strict)) {
            assertThatIOException().isThrownBy(() -> {
                for (int i = 0; i < ANNOUNCE.length(); i++) {
                    slow.send(ANNOUNCE.substring(i, i + 1));
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                slow.read(true);
            });
        }
    }

    @Test
    void row9BetweenRequestsThereIsMoreTimeThanWithinOne() throws Exception {
        Limits limits = Loopback.limits(Duration.ofSeconds(1), Duration.ofSeconds(30), 10);
        try (Loopback strict = new Loopback("127.0.0.1", false, true, limits);
                Client client = new Client(strict)) {
            client.send(ANNOUNCE);
            assertThat(client.read(true).body()).startsWith("d8:complete");
            TimeUnit.MILLISECONDS.sleep(1_500);
            client.send(ANNOUNCE);
            assertThat(client.read(true).body()).startsWith("d8:complete");
        }
    }

    @Test
    void row9WhoDoesNotReadIsNotAnsweredWithoutEnd() throws Exception {
        int requests = 20_000;
        for (int port = 1; port <= 200; port++) {
            Client.announce(tracker, LEECH.replace("6881", "" + port));
        }
        long before = tracker.traffic.announces(Event.NONE);
        byte[] all =
                ANNOUNCE.replace(LEECH, LEECH + "&numwant=200").repeat(requests).getBytes(ISO_8859_1);
        Thread sender;
        try (Socket deaf = new Socket()) {
            deaf.setReceiveBufferSize(4_096);
            deaf.connect(new InetSocketAddress(tracker.address, tracker.http.port()));
            sender = Thread.startVirtualThread(() -> {
                try {
                    deaf.getOutputStream().write(all);
                } catch (IOException e) {
                    // It is closed at the end, with responses that were not taken.
                }
            });
            await().until(() -> tracker.traffic.announces(Event.NONE) > before);
            long answered = -1;
            for (long now = 0; now != answered; now = tracker.traffic.announces(Event.NONE) - before) {
                answered = now;
                TimeUnit.MILLISECONDS.sleep(300);
            }
            // The kernel keeps some of the 27 MB of responses.
            assertThat(answered).isLessThan(requests);
        }
        sender.join();
    }

    @Test
    void row9NoMoreConnectionsThanAllowedAreOpen() throws Exception {
        Limits few = Loopback.limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 2);
        try (Loopback small = new Loopback("127.0.0.1", false, true, few);
                Client first = new Client(small);
                Client second = new Client(small)) {
            first.send(ANNOUNCE);
            assertThat(first.read(true).body()).startsWith("d8:complete");
            second.send(ANNOUNCE);
            assertThat(second.read(true).body()).startsWith("d8:complete");
            try (Client third = new Client(small)) {
                assertThat(third.isAtEnd()).isTrue();
            }
            assertThat(small.http.connections()).isEqualTo(2);
            first.send(ANNOUNCE.replace("Host: t", "Connection: close"));
            await().until(() -> small.http.connections() == 1);
            assertThat(Client.announce(small, LEECH).body())
                    .as("in the place of the first")
                    .startsWith("d8:complete");
        }
    }
}
