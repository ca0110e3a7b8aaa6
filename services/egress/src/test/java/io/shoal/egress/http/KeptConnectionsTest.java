package io.shoal.egress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.http.Body.Answered;
import io.shoal.egress.http.Body.Failed;
import io.shoal.egress.http.Body.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several fetches over one connection. */
class KeptConnectionsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String LAST = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";

    /** Instead of an answer: the connection is closed. */
    private static final String CLOSE = "";

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final EventLoop loop = loops.next();
    private final KeptConnections kept = new KeptConnections(loop);

    @AfterEach
    void close() throws InterruptedException {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    /** Answers the requests of each connection with what a test says, for that connection and in that order. */
    private static final class Server implements AutoCloseable {
        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        final Queue<String> heads = new ConcurrentLinkedQueue<>();
        final List<CountDownLatch> closed = new ArrayList<>();
        private final List<Socket> open = new ArrayList<>();
        private int connections;

        Server(List<List<String>> answers) throws IOException {
            answers.forEach(each -> closed.add(new CountDownLatch(1)));
            Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < answers.size(); i++) {
                        Socket accepted = socket.accept();
                        synchronized (this) {
                            connections++;
                            open.add(accepted);
                        }
                        List<String> own = answers.get(i);
                        CountDownLatch end = closed.get(i);
                        Thread.ofVirtual().start(() -> serve(accepted, own, end));
                    }
                } catch (IOException e) {
                    // the test has ended
                }
            });
        }

        private void serve(Socket accepted, List<String> answers, CountDownLatch end) {
            try (accepted) {
                BufferedReader in = new BufferedReader(new InputStreamReader(accepted.getInputStream(), ISO_8859_1));
                OutputStream out = accepted.getOutputStream();
                for (String answer : answers) {
                    StringBuilder head = new StringBuilder();
                    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                        head.append(line).append('\n');
                    }
                    if (head.isEmpty()) {
                        break;
                    }
                    heads.add(head.toString());
                    if (answer.equals(CLOSE)) {
                        return;
                    }
                    out.write(answer.getBytes(ISO_8859_1));
                    out.flush();
                }
                in.readLine();
            } catch (IOException e) {
                // the client has gone away
            } finally {
                end.countDown();
            }
        }

        synchronized int connections() {
            return connections;
        }

        @Override
        public void close() throws IOException {
            socket.close();
            List<Socket> all;
            synchronized (this) {
                all = List.copyOf(open);
            }
            for (Socket each : all) {
                each.close();
            }
        }
    }

    private Outcome fetch(Server server) throws Exception {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        SourceUrl url =
                Objects.requireNonNull(SourceUrl.parse("http://127.0.0.1:" + server.socket.getLocalPort() + "/file"));
        FetchRequest request = new FetchRequest(url, 100, Duration.ofSeconds(20), new FetchRequest.Range(5, 6));
        new HttpFetch(loop, address -> true, Tls.systemTrust(), request, new Body(outcome::complete), kept).start();
        return outcome.get(30, TimeUnit.SECONDS);
    }

    private static void assertOk(Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Answered.class, answered -> assertThat(answered.body()).isEqualTo("ok".getBytes(ISO_8859_1)));
    }

    @Test
    void theNextFetchHasTheConnectionOfTheLastOne() throws Exception {
        try (Server server = new Server(List.of(List.of(OK, OK, OK)))) {
            assertOk(fetch(server));
            assertOk(fetch(server));
            assertOk(fetch(server));
            assertThat(server.connections()).isEqualTo(1);
            assertThat(server.heads)
                    .hasSize(3)
                    .allSatisfy(head -> assertThat(head)
                            .containsIgnoringCase("range: bytes=5-6\n")
                            .containsIgnoringCase("accept-encoding: identity\n")
                            .containsIgnoringCase("connection: keep-alive\n"));
        }
    }

    @Test
    void aConnectionThatTheServerClosesIsNotKept() throws Exception {
        try (Server server = new Server(List.of(List.of(LAST), List.of(OK)))) {
            assertOk(fetch(server));
            assertOk(fetch(server));
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aRequestIsSentAgainWhereAKeptConnectionIsClosedInsteadOfAnAnswer() throws Exception {
        try (Server server = new Server(List.of(List.of(OK, CLOSE), List.of(OK)))) {
            assertOk(fetch(server));
            assertOk(fetch(server));
            assertThat(server.connections()).isEqualTo(2);
            assertThat(server.heads).hasSize(3);
        }
    }

    @Test
    void aRequestOnANewConnectionIsNotSentAgain() throws Exception {
        try (Server server = new Server(List.of(List.of(CLOSE), List.of(OK)))) {
            assertThat(fetch(server)).isEqualTo(new Failed(FetchFailure.CLOSED));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void whatTheServerSendsWithoutARequestIsNoAnswerToTheNext() throws Exception {
        try (Server server =
                new Server(List.of(List.of(OK + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"), List.of(OK)))) {
            assertOk(fetch(server));
            assertThat(server.closed.getFirst().await(20, TimeUnit.SECONDS)).isTrue();
            assertOk(fetch(server));
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void nothingStaysOpenOnceTheyAreClosed() throws Exception {
        try (Server server = new Server(List.of(List.of(OK, OK)))) {
            assertOk(fetch(server));
            kept.close();
            assertThat(server.closed.getFirst().await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
