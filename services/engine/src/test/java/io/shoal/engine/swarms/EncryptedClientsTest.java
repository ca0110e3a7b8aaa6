package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's libtorrent with encryption required, or without any, uploads to this engine and downloads from it. */
@Tag("clients")
class EncryptedClientsTest {
    private static final int PATIENCE_S = 60;

    /** No connection without encryption in either direction: as qBittorrent has it when encryption is required. */
    private static final List<String> RC4_ONLY =
            List.of("in_enc_policy=0", "out_enc_policy=0", "allowed_enc_level=2", "prefer_rc4=1");

    private static final List<String> HANDSHAKE_ONLY =
            List.of("in_enc_policy=0", "out_enc_policy=0", "allowed_enc_level=1");

    private static final List<String> PLAINTEXT_ONLY = List.of("in_enc_policy=2", "out_enc_policy=2");

    @TempDir
    Path directory;

    private final byte[] content = RandomContent.bytes(10_000_007, 8);
    private final Info info = RandomContent.torrent(content, 128 << 10, false);
    private int transfers;

    @Test
    void itRequiresRc4() throws Exception {
        bothWays(EncryptionPolicy.ALLOWED, RC4_ONLY, 1);
        bothWays(EncryptionPolicy.REQUIRED, RC4_ONLY, 1);
    }

    @Test
    void itRequiresAnEncryptedHandshakeAndPlaintextPayload() throws Exception {
        bothWays(EncryptionPolicy.ALLOWED, HANDSHAKE_ONLY, 1);
        bothWays(EncryptionPolicy.PREFERRED, HANDSHAKE_ONLY, 1);
    }

    @Test
    void itDoesNotEncrypt() throws Exception {
        bothWays(EncryptionPolicy.PREFERRED, PLAINTEXT_ONLY, 0);
    }

    /** Its defaults: it allows encryption and dials in plaintext first. */
    @Test
    void itAllowsEncryptionAndWePreferIt() throws Exception {
        download(EncryptionPolicy.PREFERRED, List.of(), 1);
        upload(EncryptionPolicy.REQUIRED, List.of("min_reconnect_time=1"), 1);
    }

    @Test
    void aMagnetIsResolvedOverAnEncryptedConnection() throws Exception {
        Path source = source();
        try (ClientProcess seed = libtorrent(RC4_ONLY, "seed", torrentFile().toString(), source.toString());
                ExternalEngine us = ExternalEngine.start()) {
            CompletableFuture<byte[]> resolved = new CompletableFuture<>();
            PeerId id = PeerId.of("-SH0001-resolves0000".getBytes(StandardCharsets.US_ASCII));
            us.engine.resolve(
                    new ResolveSpec(info.hash(), id, List.of(), List.of(loopback(seed.line())), Resumed.FRESH, ""),
                    resolved::complete);
            assertThat(resolved.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(info.bytes());
            assertThat(us.engine.encryption().outgoing()).isEqualTo(1);
        }
    }

    private void bothWays(EncryptionPolicy ours, List<String> theirs, int encrypted) throws Exception {
        download(ours, theirs, encrypted);
        upload(ours, theirs, encrypted);
    }

    /** We dial it, and download from it. */
    private void download(EncryptionPolicy ours, List<String> theirs, int encrypted) throws Exception {
        Path source = source();
        Path target = folder();
        try (ClientProcess seed = libtorrent(theirs, "seed", torrentFile().toString(), source.toString());
                ExternalEngine leech = ExternalEngine.with(ours)) {
            leech.add(info, target, Mode.RUN).addPeer(loopback(seed.line()));
            leech.awaitFinished(info);
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(leech.engine.encryption().outgoing()).isEqualTo(encrypted);
        }
    }

    /** It dials us, and downloads from us. */
    private void upload(EncryptionPolicy ours, List<String> theirs, int encrypted) throws Exception {
        Path target = folder();
        try (ExternalEngine seed = ExternalEngine.with(ours)) {
            seed.add(info, source(), Mode.SEED);
            String port = String.valueOf(seed.address().getPort());
            try (ClientProcess leech = libtorrent(theirs, "leech", torrentFile().toString(), target.toString(), port)) {
                assertThat(leech.line()).isEqualTo("done");
            }
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(seed.engine.encryption().incoming()).isEqualTo(encrypted);
        }
    }

    private Path folder() throws Exception {
        return Files.createDirectory(directory.resolve("folder-" + ++transfers));
    }

    private Path source() throws Exception {
        Path source = folder();
        Files.write(source.resolve("content.bin"), content);
        return source;
    }

    private Path torrentFile() throws Exception {
        return Files.write(directory.resolve("content.torrent"), new Metainfo(info, List.of(), List.of()).encode());
    }

    private ClientProcess libtorrent(List<String> settings, String... arguments) throws Exception {
        Path script = Files.write(
                directory.resolve("peer.py"),
                EncryptedClientsTest.class
                        .getResourceAsStream("/libtorrent_peer.py")
                        .readAllBytes());
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
        command.addAll(List.of(arguments));
        command.addAll(settings);
        return ClientProcess.start(directory, command.toArray(String[]::new));
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }
}
