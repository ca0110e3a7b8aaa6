package io.shoal.local;

import static io.shoal.local.clients.Program.ARIA2;
import static io.shoal.local.clients.Program.ARIA2_V6;
import static io.shoal.local.clients.Program.ARIA2_WITH_UDP;
import static io.shoal.local.clients.Program.LIBTORRENT;
import static io.shoal.local.clients.Program.LIBTORRENT_V6;
import static io.shoal.local.clients.Program.QBITTORRENT;
import static io.shoal.local.clients.Program.RTORRENT;
import static io.shoal.local.clients.Program.TRANSMISSION;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.clients.Meeting;
import io.shoal.local.clients.Program;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.LoneTracker;
import io.shoal.local.world.Network;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that many people use find each other through our tracker alone: each has an address of its own, the torrent has one
 * tracker URL, and DHT, peer exchange and local discovery are off. One has the content, all others get it.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TrackerClientsIT {
    private static final int SIZE = (1 << 20) + 11;

    @RegisterExtension
    private static final Network network = new Network();

    @TempDir
    private static Path folder;

    private static LoneTracker tracker;
    private static Meeting meeting;

    @BeforeAll
    static void start() throws Exception {
        tracker = LoneTracker.start(
                network.hosts().ourAddress(),
                network.hosts().ourAddress6(),
                Duration.ofSeconds(4),
                folder.resolve("tracker.log"));
        meeting = new Meeting(network.hosts());
    }

    @AfterAll
    static void stop() {
        meeting.close();
        tracker.close();
    }

    @Test
    void allFindEachOtherOverHttpAndIpv4() throws Exception {
        meet(tracker.url("http", false), ARIA2, LIBTORRENT, TRANSMISSION, QBITTORRENT, RTORRENT);
    }

    @Test
    void allFindEachOtherOverUdpAndIpv4() throws Exception {
        meet(tracker.url("udp", false), QBITTORRENT, ARIA2_WITH_UDP, LIBTORRENT, TRANSMISSION, RTORRENT);
    }

    @Test
    void allFindEachOtherOverHttpAndIpv6() throws Exception {
        meet(tracker.url("http", true), LIBTORRENT_V6, ARIA2_V6, QBITTORRENT, RTORRENT, TRANSMISSION);
    }

    /**
     * rtorrent asks too, but reads each UDP reply as IPv4 peers, as Transmission 3 does, so it can only be found; aria2 asks UDP
     * trackers through its IPv4 DHT alone.
     */
    @Test
    void thoseThatCanFindEachOtherOverUdpAndIpv6() throws Exception {
        meet(tracker.url("udp", true), RTORRENT, QBITTORRENT, LIBTORRENT_V6);
    }

    private static void meet(String announce, Program seed, Program... leeches) throws Exception {
        Content content = Content.of(
                TestPlatform.randomFile(folder.resolve(announce.hashCode() + "/file"), SIZE, announce.hashCode()));
        Metainfo torrent = content.torrent(TestPlatform.PIECE_LENGTH, List.of(announce));
        meeting.meet(
                announce,
                content,
                guest -> torrent.encode(),
                () -> tracker.knowsASeed(torrent.info().hash()),
                seed,
                leeches);
    }
}
