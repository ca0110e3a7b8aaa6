package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.Transfer;
import io.shoal.local.clients.Program;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.Network;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each client that many people use gives a torrent to the worker, and a fresh one of its kind takes it from the worker alone.
 * Every one has an address of its own on a network made for this class, and can learn of the worker from our tracker only:
 * DHT, peer exchange and local discovery are off.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class InteropIT {
    private static final long SIZE = (24 << 20) + 11;

    @Order(1)
    @RegisterExtension
    private static final Network network = new Network();

    @Order(2)
    @RegisterExtension
    private static final TestPlatform world =
            TestPlatform.with(options -> options.bind(network.hosts().ourAddress()));

    @ParameterizedTest
    @EnumSource(names = {"ARIA2", "LIBTORRENT", "TRANSMISSION", "RTORRENT"})
    void aClientGivesAndTakes(Program client) throws Exception {
        Content content = Content.of(TestPlatform.randomFile(
                world.freshFolder("content").resolve("file"),
                SIZE,
                client.name().hashCode()));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);

        long begun = System.nanoTime();
        String name;
        try (OutsidePeer giver = start(client, torrent, content.folder(), "giver")) {
            name = giver.name();
            world.awaitComplete(transfer);
            Await.until(
                    name + " has counted what it gave",
                    Duration.ofSeconds(45),
                    () -> giver.progress().uploaded() >= SIZE);
        }
        Await.until("the platform has counted what it was given", Duration.ofSeconds(45), () -> {
            Transfer now = world.look(transfer);
            return now != null && now.downloaded() >= SIZE;
        });
        assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
        long given = System.nanoTime();

        Path into = world.freshFolder("taken");
        try (OutsidePeer taker = start(client, torrent, into, "taker")) {
            TestPlatform.awaitComplete(taker);
            assertThat(taker.progress().downloaded()).isGreaterThanOrEqualTo(SIZE);
        }
        assertThat(Sha256.of(content.copyOf(content.root(), into))).isEqualTo(Sha256.of(content.root()));
        long taken = System.nanoTime();
        Await.until("the platform has counted what it gave", Duration.ofSeconds(45), () -> {
            Transfer now = world.look(transfer);
            return now != null && now.uploaded() >= SIZE;
        });
        System.out.printf("%s gave in %.1f s, took in %.1f s%n", name, (given - begun) / 1e9, (taken - given) / 1e9);
    }

    private static OutsidePeer start(Program client, Metainfo torrent, Path content, String role) throws Exception {
        return client.start(network.hosts(), world.torrentFile(torrent), content, world.freshFolder(role));
    }
}
