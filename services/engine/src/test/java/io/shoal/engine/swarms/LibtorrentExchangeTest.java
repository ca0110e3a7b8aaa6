package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shoal.bittorrent.announce.CompactPeers;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's libtorrent names peers to this engine and learns of peers from it, when their tracker is gone. */
@Tag("clients")
class LibtorrentExchangeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** No peer finishes while it holds. */
    private static final int SLOW = 50_000;

    private static final String SEED = "127.0.0.2";
    private static final String LEECH = "127.0.0.3";
    private static final String LATE_LEECH = "127.0.0.4";
    private static final Pattern PORT = Pattern.compile("[?&]port=(\\d+)");

    @TempDir
    Path directory;

    private final byte[] content = RandomContent.bytes(10_000_007, 6);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);

    @Test
    void aSwarmWhoseTrackerGoesAwayFindsTogetherByPeerExchange() throws Exception {
        Path torrent =
                Files.write(directory.resolve("content.torrent"), new Metainfo(info, List.of(), List.of()).encode());
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.write(source.resolve("content.bin"), content);
        CountDownLatch seedAnnounced = new CountDownLatch(1);
        HttpServer tracker = tracker(seedAnnounced);
        String announce = "http://127.0.0.1:" + tracker.getAddress().getPort() + "/announce";
        List<Path> targets = new ArrayList<>();
        for (String name : List.of("ours", "leech", "late")) {
            targets.add(Files.createDirectory(directory.resolve(name)));
        }
        try (ClientProcess seed = libtorrent(SEED, torrent, source, announce, SLOW);
                ExternalEngine us = ExternalEngine.start()) {
            assertThat(seedAnnounced.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            meet(seed, us, torrent, targets, tracker, announce);
        } finally {
            tracker.stop(0);
        }
        for (Path target : targets) {
            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
        }
    }

    private void meet(
            ClientProcess seed,
            ExternalEngine us,
            Path torrent,
            List<Path> targets,
            HttpServer tracker,
            String announce)
            throws Exception {
        try (ClientProcess leech = libtorrent(LEECH, torrent, targets.get(1), announce, SLOW)) {
            String port = leech.line();
            leech.awaitLine("peer " + SEED + " other");
            tracker.stop(0);

            TorrentHandle ours = us.add(info, targets.getFirst(), Mode.RUN);
            ours.addPeer(new InetSocketAddress(LEECH, Integer.parseInt(port.substring("port ".length()))));
            seed.awaitLine("peer 127.0.0.1 .*");
            String us4 = "127.0.0.1:" + us.address().getPort();
            try (ClientProcess late = libtorrent(LATE_LEECH, torrent, targets.getLast(), "-", SLOW, us4)) {
                late.awaitLine("peer 127.0.0.1 other");
                late.awaitLine("peer " + SEED + " pex");
                assertThat(ours.inspect(10, 1)
                                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                                .peers())
                        .as("the seed, which dials no peer")
                        .filteredOn(PeerDetails::isOnlyExchanged)
                        .extracting(peer -> peer.address().getAddress().getHostAddress())
                        .contains(SEED);

                for (ClientProcess each : List.of(seed, leech, late)) {
                    each.send("faster");
                }
                us.awaitFinished(info);
                leech.awaitLine("done");
                late.awaitLine("done");
            }
        }
    }

    private ClientProcess libtorrent(
            String address, Path torrent, Path target, String tracker, int uploadLimit, String... peers)
            throws Exception {
        Path script = Files.write(
                directory.resolve("exchange.py"),
                LibtorrentExchangeTest.class
                        .getResourceAsStream("/libtorrent_exchange.py")
                        .readAllBytes());
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/python3",
                script.toString(),
                address,
                torrent.toString(),
                target.toString(),
                tracker,
                String.valueOf(uploadLimit)));
        command.addAll(List.of(peers));
        return ClientProcess.start(directory, command.toArray(String[]::new));
    }

    /** A tracker on loopback that names all that have announced. */
    private static HttpServer tracker(CountDownLatch seedAnnounced) throws IOException {
        CopyOnWriteArraySet<InetSocketAddress> peers = new CopyOnWriteArraySet<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/announce", exchange -> {
            answer(exchange, peers);
            if (peers.stream()
                    .anyMatch(peer -> peer.getAddress().getHostAddress().equals(SEED))) {
                seedAnnounced.countDown();
            }
        });
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, CopyOnWriteArraySet<InetSocketAddress> peers) {
        Matcher port = PORT.matcher(exchange.getRequestURI().getRawQuery());
        assertThat(port.find()).isTrue();
        peers.add(new InetSocketAddress(exchange.getRemoteAddress().getAddress(), Integer.parseInt(port.group(1))));
        byte[] reply =
                BencodeEncoder.encode(Map.of("interval", 1_800, "peers", CompactPeers.encode(peers, CompactPeers.V4)));
        try (exchange) {
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
