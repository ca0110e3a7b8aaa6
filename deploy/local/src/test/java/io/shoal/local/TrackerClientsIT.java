package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.clients.LibtorrentPeer;
import io.shoal.local.clients.QbittorrentPeer;
import io.shoal.local.clients.RtorrentPeer;
import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.Aria2Peer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.peers.TransmissionPeer;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.LoneTracker;
import io.shoal.local.world.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that many people use find each other through our tracker alone: each has an address of its own, the torrent has one
 * tracker URL, and DHT, peer exchange and local discovery are off. One has the content, all others get it.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TrackerClientsIT {
    private static final int SIZE = (1 << 20) + 11;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Hosts hosts;
    private static Path folder;
    private static LoneTracker tracker;

    /** All that were started. They take long to say good-bye, so that they all do it together at the end. */
    private static final List<OutsidePeer> clients = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        folder = Files.createTempDirectory("shoal-clients");
        hosts = Hosts.create();
        try {
            tracker = LoneTracker.start(
                    hosts.ourAddress(), hosts.ourAddress6(), Duration.ofSeconds(4), folder.resolve("tracker.log"));
        } catch (Exception | AssertionError e) {
            hosts.close();
            throw e;
        }
    }

    @AfterAll
    static void stop() {
        try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
            clients.forEach(client -> closing.execute(client::close));
        }
        try {
            tracker.close();
        } finally {
            hosts.close();
            Home.delete(folder);
        }
    }

    private interface Client {
        OutsidePeer start(Path torrent, Path content, Path own) throws Exception;
    }

    private static final Client ARIA2 =
            (torrent, content, own) -> Aria2Peer.start(torrent, content, hosts.addAddress(), 0, own.resolve("log"));
    private static final Client ARIA2_UDP = (torrent, content, own) ->
            Aria2Peer.startWithUdp(torrent, content, hosts.addAddress(), 0, own.resolve("log"));
    private static final Client ARIA2_V6 =
            (torrent, content, own) -> Aria2Peer.start(torrent, content, hosts.addAddress6(), 0, own.resolve("log"));
    private static final Client LIBTORRENT =
            (torrent, content, own) -> LibtorrentPeer.start(torrent.toString(), content, hosts.addAddress(), 0);
    private static final Client LIBTORRENT_V6 =
            (torrent, content, own) -> LibtorrentPeer.start(torrent.toString(), content, hosts.addAddress6(), 0);
    private static final Client TRANSMISSION =
            (torrent, content, own) -> TransmissionPeer.start(hosts.add(), Files.readAllBytes(torrent), content, own);
    private static final Client QBITTORRENT =
            (torrent, content, own) -> QbittorrentPeer.start(hosts.add(), torrent, content, own);
    private static final Client RTORRENT =
            (torrent, content, own) -> RtorrentPeer.start(hosts.add(), torrent, content, own);

    @Test
    void allFindEachOtherOverHttpAndIpv4() throws Exception {
        meet(tracker.url("http", false), ARIA2, LIBTORRENT, TRANSMISSION, QBITTORRENT, RTORRENT);
    }

    @Test
    void allFindEachOtherOverUdpAndIpv4() throws Exception {
        meet(tracker.url("udp", false), QBITTORRENT, ARIA2_UDP, LIBTORRENT, TRANSMISSION, RTORRENT);
    }

    @Test
    void allFindEachOtherOverHttpAndIpv6() throws Exception {
        meet(tracker.url("http", true), LIBTORRENT_V6, ARIA2_V6, QBITTORRENT, RTORRENT, TRANSMISSION);
    }

    /** The two that ask over UDP and IPv6 each time; the others were seen to do it sometimes, or not at all. */
    @Test
    void thoseThatCanFindEachOtherOverUdpAndIpv6() throws Exception {
        meet(tracker.url("udp", true), QBITTORRENT, LIBTORRENT_V6);
    }

    private static OutsidePeer started(OutsidePeer client) {
        clients.add(client);
        return client;
    }

    private static Object progress(OutsidePeer peer) {
        try {
            return peer.progress();
        } catch (Exception e) {
            return e;
        }
    }

    /** The first has the content. */
    private static void meet(String announce, Client seed, Client... leeches) throws Exception {
        long begun = System.nanoTime();
        Path own = Files.createTempDirectory(folder, "swarm");
        Content content = Content.of(World.randomFile(own.resolve("content/file"), SIZE, begun));
        Metainfo torrent = content.torrent(World.PIECE_LENGTH, List.of(announce));
        Path file = Files.write(own.resolve("torrent"), torrent.encode());
        List<OutsidePeer> swarm = new ArrayList<>();
        List<Path> taken = new ArrayList<>();
        swarm.add(started(seed.start(file, content.folder(), Files.createDirectory(own.resolve("0")))));
        // Who asks before the seed is there is told to come back, and some take minutes for that.
        Await.until(
                "the tracker knows the seed",
                LIMIT,
                () -> tracker.knowsASeed(torrent.info().hash()));
        for (Client leech : leeches) {
            Path into = Files.createDirectory(own.resolve("taken" + swarm.size()));
            taken.add(into);
            swarm.add(started(leech.start(file, into, Files.createDirectory(own.resolve("" + swarm.size())))));
        }
        for (OutsidePeer peer : swarm) {
            Await.until(
                    peer.name() + " has all of it", LIMIT, () -> peer.progress().complete(), () -> progress(peer));
            System.out.printf("%s: %s after %.1f s%n", announce, peer.name(), (System.nanoTime() - begun) / 1e9);
        }
        for (Path into : taken) {
            assertThat(Sha256.of(content.copyOf(content.root(), into))).isEqualTo(Sha256.of(content.root()));
        }
    }
}
