package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.clients.Hosts;
import io.shoal.local.clients.RtorrentPeer;
import io.shoal.local.clients.TransmissionPeer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients on hosts of their own, because they refuse peers on loopback. They know the worker from our tracker alone. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OtherHostsIT {
    private static final long SIZE = (20 << 20) + 11;

    private static Hosts hosts;
    private static World world;

    @BeforeAll
    static void start() throws Exception {
        hosts = Hosts.create();
        world = World.start(options -> options.bind(hosts.ourAddress()));
    }

    @AfterAll
    static void stop() {
        world.close();
        hosts.close();
    }

    private interface Client {
        OutsidePeer start(Hosts.Host host, Metainfo torrent, Path folder) throws Exception;
    }

    @Test
    void transmissionGivesAndTakes() throws Exception {
        givesAndTakes(
                51,
                (host, torrent, folder) ->
                        TransmissionPeer.start(host, torrent.encode(), folder, world.freshFolder("transmission")));
    }

    @Test
    void rtorrentGivesAndTakes() throws Exception {
        givesAndTakes(
                52,
                (host, torrent, folder) ->
                        RtorrentPeer.start(host, world.torrentFile(torrent), folder, world.freshFolder("r")));
    }

    private static void givesAndTakes(long seed, Client client) throws Exception {
        Content content = Content.of(World.randomFile(world.freshFolder("content").resolve("file"), SIZE, seed));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (OutsidePeer giver = client.start(hosts.add(), torrent, content.folder())) {
            world.awaitComplete(transfer);
            Await.until(
                    giver.name() + " has counted what it gave",
                    Duration.ofSeconds(30),
                    () -> giver.progress().uploaded() >= SIZE);
        }
        assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
        Path into = world.freshFolder("taken");
        try (OutsidePeer taker = client.start(hosts.add(), torrent, into)) {
            World.awaitComplete(taker);
            assertThat(taker.progress().downloaded()).isGreaterThanOrEqualTo(SIZE);
        }
        assertThat(Sha256.of(into.resolve("file"))).isEqualTo(Sha256.of(content.root()));
    }
}
