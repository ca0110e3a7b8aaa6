package io.shoal.egress.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.nio.NioEventLoopGroup;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FetchStreamTest {
    private static final int BODY_MAX = 64 << 20;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);

    @AfterEach
    void close() throws InterruptedException {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    private final CompletableFuture<Void> abandoned = new CompletableFuture<>();

    @Test
    void aFetchThatIsAbandonedEndsBeforeItsTime() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedServer silent = new ScriptedServer((request, out) -> {
            abandoned.complete(null);
            end.await();
        })) {
            assertThatThrownBy(() -> open(silent))
                    .isInstanceOfSatisfying(
                            FetchException.class, e -> assertThat(e.failure()).isEqualTo(FetchFailure.CANCELLED));
            end.countDown();
        }
    }

    private FetchStream open(ScriptedServer server) throws IOException {
        SourceUrl url = Objects.requireNonNull(SourceUrl.parse(server.url()));
        return FetchStream.open(
                loops.next(),
                address -> true,
                Tls.systemTrust(),
                new FetchRequest(url, BODY_MAX, Duration.ofSeconds(30)),
                abandoned);
    }

    @Test
    void theWholeBodyIsRead() throws Exception {
        byte[] body = new byte[5 << 20];
        new Random(1).nextBytes(body);
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: " + body.length, body);
                FetchStream stream = open(server)) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.headers().getInt("content-length")).isEqualTo(body.length);
            assertThat(Arrays.equals(stream.readAllBytes(), body)).isTrue();
            assertThat(stream.read()).isEqualTo(-1);
        }
    }

    @Test
    void aReaderThatWaitsMakesTheServerWait() throws Exception {
        AtomicLong sent = new AtomicLong();
        CountDownLatch gone = new CountDownLatch(1);
        ScriptedServer.Script endless = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
            byte[] block = new byte[64 << 10];
            try {
                while (sent.get() < BODY_MAX) {
                    out.write(block);
                    sent.addAndGet(block.length);
                }
            } finally {
                gone.countDown();
            }
        };
        try (ScriptedServer server = new ScriptedServer(endless)) {
            FetchStream stream = open(server);
            assertThat(gone.await(1, TimeUnit.SECONDS))
                    .as("all sent without a reader")
                    .isFalse();
            assertThat(stream.readNBytes(8 << 20)).hasSize(8 << 20);
            stream.close();
            assertThat(gone.await(10, TimeUnit.SECONDS)).as("disconnected").isTrue();
            assertThat(sent.get()).isLessThan(BODY_MAX);
        }
    }

    @Test
    void aBodyThatBreaksOffIsAnError() throws Exception {
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Length: 11", new byte[10]);
                FetchStream stream = open(server)) {
            assertThat(stream.readNBytes(10)).hasSize(10);
            assertThatThrownBy(stream::read)
                    .isInstanceOfSatisfying(
                            FetchException.class, e -> assertThat(e.failure()).isEqualTo(FetchFailure.CLOSED));
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    private static ScriptedServer gzipped(byte[] body) throws IOException {
        return ScriptedServer.with("HTTP/1.1 200 OK\r\nContent-Encoding: GZip\r\nContent-Length: " + body.length, body);
    }

    @Test
    void aCompressedBodyIsDecompressedAsFarAsItIsReadAndAllowed() throws Exception {
        byte[] body = new byte[BODY_MAX];
        body[BODY_MAX - 1] = 1;
        try (ScriptedServer server = gzipped(gzip(body));
                FetchStream stream = open(server)) {
            assertThat(Arrays.equals(stream.readAllBytes(), body)).isTrue();
        }
        byte[] bomb = gzip(new byte[2 * BODY_MAX]);
        try (ScriptedServer server = gzipped(bomb);
                FetchStream stream = open(server)) {
            assertThat(stream.readNBytes(1 << 20)).hasSize(1 << 20);
            assertFails(stream, FetchFailure.TOO_LARGE);
        }
    }

    @Test
    void aBrokenCompressionIsAnError() throws Exception {
        byte[] packed = gzip(new byte[1_000]);
        for (byte[] broken : List.of(
                "no gzip".getBytes(US_ASCII), Arrays.copyOf(packed, packed.length - 5), Arrays.copyOf(packed, 12))) {
            try (ScriptedServer server = gzipped(broken);
                    FetchStream stream = open(server)) {
                assertFails(stream, FetchFailure.MALFORMED);
            }
        }
    }

    private static void assertFails(FetchStream stream, FetchFailure failure) {
        assertThatThrownBy(stream::readAllBytes)
                .isInstanceOfSatisfying(
                        FetchException.class, e -> assertThat(e.failure()).isEqualTo(failure));
    }

    @Test
    void aRedirectToAMagnetIsHandedOverAsItWasWritten() throws Exception {
        String magnet = "magnet:?xt=urn:btih:x&dn=\u7535\u5f71";
        ScriptedServer.Script redirect = (request, out) -> out.write(
                ("HTTP/1.1 302 Found\r\nLocation: " + magnet + "\r\nContent-Length: 0\r\n\r\n").getBytes(UTF_8));
        try (ScriptedServer server = new ScriptedServer(redirect);
                FetchStream stream = open(server)) {
            assertThat(stream.magnet()).isEqualTo(magnet);
        }
        try (ScriptedServer server = ScriptedServer.with("HTTP/1.1 200 OK\r\nLocation: magnet:?xt=x", new byte[0]);
                FetchStream stream = open(server)) {
            assertThat(stream.magnet()).as("no redirect").isNull();
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsAnError() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, out) -> {})) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOfSatisfying(
                            FetchException.class, e -> assertThat(e.failure()).isEqualTo(FetchFailure.CLOSED));
        }
    }
}
