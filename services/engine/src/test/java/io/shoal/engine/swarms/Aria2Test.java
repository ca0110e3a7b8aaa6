package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's aria2 uploads to this engine and downloads from it. */
@Tag("clients")
class Aria2Test {
    @TempDir
    Path directory;

    private final byte[] content = RandomContent.bytes(20_000_003, 6);
    private final Info info = RandomContent.torrent(content, 256 << 10, true);
    private Path source = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        source = Files.createDirectory(directory.resolve("source"));
        target = Files.createDirectory(directory.resolve("target"));
        Files.write(source.resolve("content.bin"), content);
    }

    @Test
    void weDownloadFromIt() throws Exception {
        int port = freePort();
        try (HttpTracker tracker = new HttpTracker(0);
                ClientProcess seed = aria2(tracker, source, port, "--check-integrity=true", "--seed-ratio=0.0");
                ExternalEngine leech = ExternalEngine.start()) {
            tracker.awaitAnnounce();
            TorrentHandle torrent = leech.add(info, target, Mode.RUN);
            torrent.addPeer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

            leech.awaitFinished(info);

            assertThat(seed).isNotNull();
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void itDownloadsFromUs() throws Exception {
        try (ExternalEngine seed = ExternalEngine.start();
                HttpTracker tracker = new HttpTracker(seed.address().getPort())) {
            seed.add(info, source, Mode.SEED);
            try (ClientProcess leech = aria2(tracker, target, freePort(), "--seed-time=0")) {
                leech.awaitEnd();
            }
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void weDownloadFromItThoughItRequiresEncryption() throws Exception {
        int port = freePort();
        try (HttpTracker tracker = new HttpTracker(0);
                ClientProcess seed = aria2(
                        tracker,
                        source,
                        port,
                        "--check-integrity=true",
                        "--seed-ratio=0.0",
                        "--bt-require-crypto=true",
                        "--bt-min-crypto-level=arc4");
                ExternalEngine leech = ExternalEngine.start()) {
            tracker.awaitAnnounce();
            leech.add(info, target, Mode.RUN).addPeer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

            leech.awaitFinished(info);

            assertThat(seed).isNotNull();
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(leech.engine.encryption().outgoing()).isEqualTo(1);
        }
    }

    @Test
    void itDownloadsFromUsThoughItRequiresEncryption() throws Exception {
        try (ExternalEngine seed = ExternalEngine.start();
                HttpTracker tracker = new HttpTracker(seed.address().getPort())) {
            seed.add(info, source, Mode.SEED);
            try (ClientProcess leech = aria2(
                    tracker,
                    target,
                    freePort(),
                    "--seed-time=0",
                    "--bt-require-crypto=true",
                    "--bt-min-crypto-level=arc4")) {
                leech.awaitEnd();
            }
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(seed.engine.encryption().incoming()).isPositive();
        }
    }

    private ClientProcess aria2(HttpTracker tracker, Path folder, int port, String... more) throws IOException {
        Path torrent = Files.write(
                directory.resolve("content.torrent"),
                new Metainfo(info, List.of(List.of(tracker.url())), List.of()).encode());
        String[] common = {
            "aria2c",
            "--no-conf=true",
            "--dir=" + folder,
            "--listen-port=" + port,
            "--enable-dht=false",
            "--bt-enable-lpd=false",
            "--enable-peer-exchange=false",
            "--file-allocation=none",
            "--summary-interval=0",
            "--show-console-readout=false",
            "--bt-external-ip=127.0.0.1",
            torrent.toString()
        };
        String[] command = new String[common.length + more.length];
        System.arraycopy(common, 0, command, 0, common.length - 1);
        System.arraycopy(more, 0, command, common.length - 1, more.length);
        command[command.length - 1] = torrent.toString();
        return ClientProcess.start(directory, command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Answers every announce with one peer on this machine, or none. */
    private static final class HttpTracker implements AutoCloseable {
        private final HttpServer server;
        private final java.util.concurrent.CountDownLatch announced = new java.util.concurrent.CountDownLatch(1);

        HttpTracker(int port) throws IOException {
            byte[] peers = port == 0
                    ? new byte[0]
                    : ByteBuffer.allocate(6)
                            .put(new byte[] {127, 0, 0, 1})
                            .putShort((short) port)
                            .array();
            byte[] reply = BencodeEncoder.encode(Map.of("interval", 60, "peers", peers));
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/announce", exchange -> {
                exchange.sendResponseHeaders(200, reply.length);
                exchange.getResponseBody().write(reply);
                exchange.close();
                announced.countDown();
            });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/announce";
        }

        void awaitAnnounce() throws InterruptedException {
            assertThat(announced.await(30, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
