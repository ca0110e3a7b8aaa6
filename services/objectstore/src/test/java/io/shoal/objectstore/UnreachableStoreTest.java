package io.shoal.objectstore;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that is down, silent, half-dead or not a store: every call ends, soon, and says so. */
@Timeout(30)
class UnreachableStoreTest {
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(1));

    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    @Test
    void nobodyListens() throws Exception {
        listener.close();

        everyCallIsUnavailable("check its endpoint and that it runs");
    }

    @Test
    void itAcceptsAndNeverAnswers() throws Exception {
        everyCallIsUnavailable("check its endpoint and that it runs");
    }

    @Test
    void somethingElseAnswers() throws Exception {
        answerAll("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");

        try (MinioObjectStore store = store()) {
            assertThatThrownBy(() -> store.get("k", 10))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("no S3 store");
            assertThatThrownBy(() -> store.put("k", ByteBuffer.allocate(1)))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void itIsOverloaded() throws Exception {
        answerAll("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nContent-Length: 42\r\n\r\n"
                + "<Error><Code>SlowDownRead</Code>  </Error>");

        everyCallIsUnavailable("503");
    }

    @Test
    void itGivesTheWholeObjectInsteadOfARange() throws Exception {
        answerAll("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");

        try (MinioObjectStore store = store()) {
            assertThatThrownBy(() -> store.read("k", 5, ByteBuffer.allocate(5)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("range");
            assertThatThrownBy(() -> store.open("k", 5, 5)).isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void itDiesInTheMiddleOfABody() throws Exception {
        answerAll("HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\n\r\nonly this");

        try (MinioObjectStore store = store()) {
            assertThatThrownBy(() -> store.read("k", 0, ByteBuffer.allocate(1_000)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("stopped in the middle");
            assertThatThrownBy(() -> store.get("k", 1_000)).isInstanceOf(StoreUnavailableException.class);
            try (InputStream in = store.open("k", 0, 1_000)) {
                assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aThreadThatIsInterruptedStopsWaiting() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            try (Socket socket = listener.accept()) {
                if (socket.getInputStream().read() >= 0) {
                    sent.countDown();
                }
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The test is over.
            }
        });
        StoreConfig config = config();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (MinioObjectStore store = new MinioObjectStore(config)) {
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    store.get("k", 10);
                } catch (NoSuchObjectException | StoreUnavailableException e) {
                    thrown.set(Thread.currentThread().isInterrupted() ? e : null);
                }
            });
            sent.await();
            reader.interrupt();
            reader.join();
        }
        assertThat(thrown.get()).isInstanceOf(StoreUnavailableException.class).hasMessageContaining("interrupted");
    }

    private void everyCallIsUnavailable(String why) {
        try (MinioObjectStore store = store()) {
            List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls = List.of(
                    store::ensureBucket,
                    store::isVersioned,
                    () -> store.put("k", ByteBuffer.allocate(10)),
                    () -> store.read("k", 0, ByteBuffer.allocate(10)),
                    () -> store.get("k", 10),
                    () -> store.open("k", 0, 10),
                    () -> store.size("k"),
                    () -> store.list("k", listed -> {}),
                    () -> store.delete(List.of("k")),
                    () -> store.beginUpload("k"),
                    () -> store.copyPart("k", "upload", 1, "s"),
                    () -> store.completeUpload("k", "upload", List.of("etag")),
                    () -> store.abortUpload("k", "upload"));
            for (var call : calls) {
                assertThatThrownBy(call)
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("127.0.0.1")
                        .hasMessageContaining(why);
            }
        }
    }

    private void answerAll(String answer) {
        Thread.ofVirtual().start(() -> {
            while (!listener.isClosed()) {
                try (Socket socket = listener.accept()) {
                    byte[] head = new byte[8_192];
                    if (socket.getInputStream().read(head) > 0) {
                        socket.getOutputStream().write(answer.getBytes(US_ASCII));
                        socket.shutdownOutput();
                        socket.getInputStream().readAllBytes();
                    }
                } catch (IOException e) {
                    // The client went away, or the test is over.
                }
            }
        });
    }

    private MinioObjectStore store() {
        return new MinioObjectStore(config(), SHORT);
    }

    private StoreConfig config() {
        URI endpoint = URI.create("http://127.0.0.1:" + listener.getLocalPort());
        return new StoreConfig(endpoint, endpoint, "us-east-1", "shoal", "key", "secret");
    }
}
