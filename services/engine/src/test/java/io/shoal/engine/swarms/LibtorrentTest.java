package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's libtorrent, the engine of many clients, uploads to this engine and downloads from it. */
@Tag("clients")
class LibtorrentTest {
    private static final int PATIENCE_S = 60;

    @TempDir
    Path directory;

    private final byte[] content = RandomContent.bytes(30_000_007, 5);
    private final Info info = RandomContent.torrent(content, 128 << 10, false);
    private Path source = Path.of("");
    private Path target = Path.of("");
    private Path torrentFile = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        source = Files.createDirectory(directory.resolve("source"));
        target = Files.createDirectory(directory.resolve("target"));
        Files.write(source.resolve("content.bin"), content);
        torrentFile =
                Files.write(directory.resolve("content.torrent"), new Metainfo(info, List.of(), List.of()).encode());
    }

    private ClientProcess libtorrent(String... arguments) throws Exception {
        Path script = Files.write(
                directory.resolve("peer.py"),
                LibtorrentTest.class.getResourceAsStream("/libtorrent_peer.py").readAllBytes());
        String[] command = new String[arguments.length + 2];
        command[0] = "/usr/bin/python3";
        command[1] = script.toString();
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        return ClientProcess.start(directory, command);
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    @Test
    void weDownloadFromIt() throws Exception {
        try (ClientProcess seed = libtorrent("seed", torrentFile.toString(), source.toString());
                ExternalEngine leech = ExternalEngine.start()) {
            TorrentHandle torrent = leech.add(info, target, Mode.RUN);
            torrent.addPeer(loopback(seed.line()));

            leech.awaitFinished(info);

            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void itDownloadsFromUs() throws Exception {
        try (ExternalEngine seed = ExternalEngine.start()) {
            seed.add(info, source, Mode.SEED);
            String port = String.valueOf(seed.address().getPort());
            try (ClientProcess leech = libtorrent("leech", torrentFile.toString(), target.toString(), port)) {
                assertThat(leech.line()).isEqualTo("done");
            }
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void itGetsTheInfoDictionaryFromUs() throws Exception {
        try (ExternalEngine seed = ExternalEngine.start()) {
            seed.add(info, source, Mode.SEED);
            String port = String.valueOf(seed.address().getPort());
            String magnet = "magnet:?xt=urn:btih:" + info.hash();
            try (ClientProcess leech = libtorrent("leech", magnet, target.toString(), port)) {
                assertThat(leech.line()).isEqualTo("done");
            }
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void weGetTheInfoDictionaryFromIt() throws Exception {
        try (ClientProcess seed = libtorrent("seed", torrentFile.toString(), source.toString());
                ExternalEngine us = ExternalEngine.start()) {
            CompletableFuture<byte[]> resolved = new CompletableFuture<>();
            PeerId id = PeerId.of("-SH0001-resolves0000".getBytes(StandardCharsets.US_ASCII));
            ResolveHandle resolution = us.engine.resolve(
                    new ResolveSpec(info.hash(), id, List.of(), List.of(loopback(seed.line())), Resumed.FRESH, ""),
                    resolved::complete);

            assertThat(resolved.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(info.bytes());
            resolution.close(true).get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }
}
