package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Torrents without any peer are downloaded from Debian's nginx. */
@Tag("clients")
class NginxTest {
    @TempDir
    Path directory;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts it.
     *
     * @param location what it does with files, in the words of its configuration
     */
    private ClientProcess nginx(int port, Path files, String location) throws Exception {
        Path own = Files.createDirectories(directory.resolve("nginx"));
        String configuration = """
                daemon off;
                master_process off;
                error_log stderr warn;
                pid %1$s/pid;
                events {}
                http {
                  access_log %1$s/access.log;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d;
                    location / { root %3$s; %4$s }
                  }
                }
                """.formatted(own, port, files, location);
        Path file = Files.writeString(own.resolve("nginx.conf"), configuration);
        ClientProcess started =
                ClientProcess.start(own, "/usr/sbin/nginx", "-p", own.toString(), "-c", file.toString());
        awaitListening(port);
        return started;
    }

    private static void awaitListening(int port) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException e) {
                assertThat(System.nanoTime()).as("nginx listens: %s", e).isLessThan(deadline);
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private List<String> requests() throws IOException {
        return Files.readAllLines(directory.resolve("nginx/access.log"), StandardCharsets.UTF_8);
    }

    @Test
    void aSingleFile() throws Exception {
        byte[] content = RandomContent.bytes(40_000_003, 9);
        Info info = RandomContent.torrent(content, 512 << 10, false);
        Path files = Files.createDirectory(directory.resolve("files"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.write(files.resolve("content.bin"), content);
        int port = freePort();
        try (ClientProcess nginx = nginx(port, files, "");
                ExternalEngine us = ExternalEngine.start()) {
            TorrentHandle torrent = us.add(info, target, Mode.RUN, List.of("http://127.0.0.1:" + port + "/"));

            us.awaitFinished(info);

            assertThat(nginx).isNotNull();
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(torrent.stats().wasted()).isZero();
            assertThat(requests()).hasSizeLessThan(40).allMatch(line -> line.contains("\" 206 "));
        }
    }

    @Test
    void severalFiles() throws Exception {
        Path folder = Files.createDirectories(directory.resolve("files/A folder, 100% Übung"));
        Path inner = Files.createDirectory(folder.resolve("sub+dir #1"));
        Files.write(folder.resolve("a b.bin"), RandomContent.bytes(9_000_001, 10));
        Files.write(folder.resolve("empty"), new byte[0]);
        Files.write(folder.resolve("%20.txt"), RandomContent.bytes(70_001, 11));
        Files.write(inner.resolve("電影?.mkv"), RandomContent.bytes(5_000_001, 12));
        Info info = MetainfoBuilder.ofFolder(folder)
                .aligned()
                .pieceLength(64 << 10)
                .build()
                .info();
        Path target = Files.createDirectory(directory.resolve("target"));
        int port = freePort();
        try (ClientProcess nginx = nginx(port, directory.resolve("files"), "");
                ExternalEngine us = ExternalEngine.start()) {
            us.add(info, target, Mode.RUN, List.of("http://127.0.0.1:" + port));

            us.awaitFinished(info);

            assertThat(nginx).isNotNull();
            for (String name : List.of("a b.bin", "%20.txt", "sub+dir #1/電影?.mkv")) {
                assertThat(target.resolve("A folder, 100% Übung").resolve(name))
                        .hasSameBinaryContentAs(folder.resolve(name));
            }
        }
    }

    @Test
    void aServerWithoutRanges() throws Exception {
        byte[] content = RandomContent.bytes(20_000_003, 13);
        Info info = RandomContent.torrent(content, 256 << 10, false);
        Path files = Files.createDirectory(directory.resolve("files"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.write(files.resolve("content.bin"), content);
        int port = freePort();
        try (ClientProcess nginx = nginx(port, files, "max_ranges 0;");
                ExternalEngine us = ExternalEngine.start()) {
            us.add(info, target, Mode.RUN, List.of("http://127.0.0.1:" + port + "/content.bin"));

            us.awaitFinished(info);

            assertThat(nginx).isNotNull();
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(requests()).hasSize(1).allMatch(line -> line.contains("\" 200 "));
        }
    }
}
