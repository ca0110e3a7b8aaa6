package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.netty.NettyNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that connect over TCP on this machine. */
class LoopbackTest {
    @TempDir
    Path directory;

    @Test
    void aLeechGetsFromASeedExactlyWhatItHas() throws Exception {
        byte[] content = RandomContent.bytes(40_000_001, 1);
        Info info = RandomContent.torrent(content, 256 << 10, false);
        try (ExternalEngine seed = ExternalEngine.start();
                ExternalEngine leech = ExternalEngine.start()) {
            Path source = Files.createDirectory(directory.resolve("seed"));
            Files.write(source.resolve("content.bin"), content);
            seed.add(info, source, Mode.SEED);
            Path target = Files.createDirectory(directory.resolve("leech"));
            TorrentHandle torrent = leech.add(info, target, Mode.RUN);
            torrent.addPeer(seed.address());

            leech.awaitFinished(info);

            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(torrent.stats().wasted()).isZero();
        }
    }

    /** One that listens at all addresses is reached over both families, and reaches the others over both. */
    @Test
    void peersOfBothFamiliesMeet() throws Exception {
        byte[] content = RandomContent.bytes(3_000_001, 6);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.at(InetAddress.ofLiteral("::1"));
                ExternalEngine both = ExternalEngine.at(NettyNetwork.wildcard());
                ExternalEngine last = ExternalEngine.at(InetAddress.ofLiteral("127.0.0.1"))) {
            seed.add(info, folder("seed", content), Mode.SEED);
            TorrentHandle middle = both.add(info, folder("both", new byte[0]), Mode.RUN);
            TorrentHandle end = last.add(info, folder("last", new byte[0]), Mode.RUN);
            end.addPeer(new InetSocketAddress(
                    InetAddress.ofLiteral("127.0.0.1"), both.address().getPort()));
            middle.addPeer(seed.address());

            both.awaitFinished(info);
            last.awaitFinished(info);

            assertThat(directory.resolve("both/content.bin")).hasBinaryContent(content);
            assertThat(directory.resolve("last/content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void aPeerIsReachedOverIPv6WhereAllAddressesAreListenedOn() throws Exception {
        byte[] content = RandomContent.bytes(1_000_001, 7);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.at(NettyNetwork.wildcard());
                ExternalEngine leech = ExternalEngine.at(InetAddress.ofLiteral("::1"))) {
            seed.add(info, folder("seed", content), Mode.SEED);
            TorrentHandle torrent = leech.add(info, folder("leech", new byte[0]), Mode.RUN);
            torrent.addPeer(new InetSocketAddress(
                    InetAddress.ofLiteral("::1"), seed.address().getPort()));

            leech.awaitFinished(info);

            assertThat(directory.resolve("leech/content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void severalLeechesOnSeveralLoopsUploadToEachOther() throws Exception {
        byte[] content = RandomContent.bytes(12_000_001, 2);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.limited(0, 8 << 20, 2);
                ExternalEngine first = ExternalEngine.limited(0, 0, 2);
                ExternalEngine second = ExternalEngine.limited(0, 0, 2)) {
            seed.add(info, folder("seed", content), Mode.SEED);
            TorrentHandle one = first.add(info, folder("first", new byte[0]), Mode.RUN);
            TorrentHandle two = second.add(info, folder("second", new byte[0]), Mode.RUN);
            one.addPeer(seed.address());
            two.addPeer(seed.address());
            two.addPeer(first.address());

            first.awaitFinished(info);
            second.awaitFinished(info);

            assertThat(directory.resolve("first/content.bin")).hasBinaryContent(content);
            assertThat(directory.resolve("second/content.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void anUploadLimitIsKept() throws Exception {
        byte[] content = RandomContent.bytes(4 << 20, 3);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.limited(0, 2 << 20, 1);
                ExternalEngine leech = ExternalEngine.start()) {
            seed.add(info, folder("seed", content), Mode.SEED);
            long began = System.nanoTime();
            leech.add(info, folder("leech", new byte[0]), Mode.RUN).addPeer(seed.address());

            leech.awaitFinished(info);

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(8));
        }
    }

    @Test
    void aDownloadLimitIsKept() throws Exception {
        byte[] content = RandomContent.bytes(4 << 20, 4);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.start();
                ExternalEngine leech = ExternalEngine.limited(2 << 20, 0, 1)) {
            seed.add(info, folder("seed", content), Mode.SEED);
            long began = System.nanoTime();
            leech.add(info, folder("leech", new byte[0]), Mode.RUN).addPeer(seed.address());

            leech.awaitFinished(info);

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(1_200), Duration.ofSeconds(8));
        }
    }

    @Test
    void existingPiecesAreNotDownloadedAgain() throws Exception {
        byte[] content = RandomContent.bytes(2_000_001, 5);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        byte[] damaged = content.clone();
        damaged[1_000_000] ^= 1;
        try (ExternalEngine seed = ExternalEngine.start();
                ExternalEngine leech = ExternalEngine.start()) {
            seed.add(info, folder("seed", content), Mode.SEED);
            TorrentHandle torrent = leech.add(info, folder("leech", damaged), Mode.RUN);
            torrent.addPeer(seed.address());

            leech.awaitFinished(info);

            assertThat(directory.resolve("leech/content.bin")).hasBinaryContent(content);
            torrent.close(false).join();
            assertThat(torrent.stats().downloaded()).isLessThanOrEqualTo(64 << 10);
        }
    }

    @Test
    void peersThatBreakTheProtocolAreClosedAndOthersServed() throws Exception {
        byte[] content = RandomContent.bytes(500_001, 6);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        try (ExternalEngine seed = ExternalEngine.start();
                ExternalEngine leech = ExternalEngine.start()) {
            seed.add(info, folder("seed", content), Mode.SEED);
            for (String hostile : List.of(
                    "7fffffff", // a message of 2 GiB
                    "000000050400ffffff", // HAVE of a piece that does not exist
                    "0000000d06000000000000000000020001", // a request for more than may be asked
                    "0000000d06000000000000fff000004000", // a request beyond the end of its piece
                    "00000003050000", // a bitfield of a wrong length
                    "000000061400693165" + "00", // an extended handshake that is no dictionary
                    "00".repeat(3) + "02" + "0000")) { // choke with a body
                assertThat(closes(seed.address(), info, hostile)).as(hostile).isTrue();
            }
            TorrentHandle torrent = leech.add(info, folder("leech", new byte[0]), Mode.RUN);
            torrent.addPeer(seed.address());
            leech.awaitFinished(info);
        }
    }

    /** Whether we close the connection after {@code message}, rather than wait for more. */
    private static boolean closes(InetSocketAddress address, Info info, String message) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(20_000);
            ByteBuf out = Unpooled.buffer();
            PeerId id = PeerId.of("-XX0001-hostilehosti".getBytes(StandardCharsets.US_ASCII));
            new Handshake(info.hash(), id, Capabilities.OURS).encode(out);
            out.writeBytes(HexFormat.of().parseHex(message));
            socket.getOutputStream().write(ByteBufUtil.getBytes(out));
            try {
                while (socket.getInputStream().read() >= 0) {
                    // what it says before it closes is of no interest
                }
            } catch (SocketException e) {
                return true; // a reset closes too
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private Path folder(String name, byte[] content) throws IOException {
        Path folder = Files.createDirectory(directory.resolve(name));
        if (content.length > 0) {
            Files.write(folder.resolve("content.bin"), content);
        }
        return folder;
    }
}
