package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.clients.LibtorrentPeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.world.Await;
import io.shoal.local.world.LoneTracker;
import io.shoal.local.world.Network;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tenants of two private trackers have one torrent, more of them than the worker has ports. One tracker knows a seed, the other a
 * leech: neither a byte nor a connection goes from one swarm to the other.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class PrivateSiblingsIT {
    private static final int SIZE = 3 << 20;
    private static final int TENANTS_EACH = 4;

    @Order(1)
    @RegisterExtension
    private static final Network network = new Network();

    @Order(2)
    @RegisterExtension
    private static final TestPlatform world =
            TestPlatform.with(options -> options.bind(network.hosts().ourAddress()));

    @TempDir
    private Path folder;

    /** One tenant's transfer. */
    private record Wish(ShoalClient tenant, String transfer) {
        Transfer now() throws Exception {
            return tenant.transfer(transfer);
        }
    }

    @Test
    void twoPrivateSwarmsOfOneTorrentStayApart() throws Exception {
        Path file = TestPlatform.randomFile(folder.resolve("seed/file"), SIZE, 83);
        Path empty = Files.createDirectory(folder.resolve("leech"));
        String address = network.hosts().ourAddress();
        String address6 = network.hosts().ourAddress6();
        Duration interval = Duration.ofSeconds(3);
        try (LoneTracker one = LoneTracker.start(address, address6, interval, folder.resolve("one.log"));
                LoneTracker other = LoneTracker.start(address, address6, interval, folder.resolve("other.log"))) {
            Metainfo ofOne = torrent(file, one.url("http", false));
            Metainfo ofOther = torrent(file, other.url("http", false));
            assertThat(ofOne.info().hash()).isEqualTo(ofOther.info().hash());
            List<Wish> ones = submit(ofOne);
            List<Wish> others = submit(ofOther);
            try (LibtorrentPeer seed = start(ofOne, "one", folder.resolve("seed"));
                    LibtorrentPeer leech = start(ofOther, "other", empty)) {
                Await.until("all have met the one outsider of their swarm", Duration.ofSeconds(90), () -> {
                    assertApart(ones, others, leech);
                    return all(ones, Transfer::complete) && all(others, transfer -> transfer.peers() == 1);
                });
                assertThat(seed.progress().uploaded()).isGreaterThanOrEqualTo((long) SIZE * TENANTS_EACH);

                // The one swarm has all of it by now, and the other still gets nothing, however often it announces.
                long until = System.nanoTime() + interval.multipliedBy(3).toNanos();
                Await.until("three intervals have passed", Duration.ofSeconds(60), () -> {
                    assertApart(ones, others, leech);
                    return System.nanoTime() > until;
                });
            }
        }
    }

    /** In each swarm there is one peer that is not of this deployment. */
    private static void assertApart(List<Wish> ones, List<Wish> others, LibtorrentPeer leech) throws Exception {
        for (Wish wish : ones) {
            assertThat(wish.now().peers()).isLessThanOrEqualTo(1);
        }
        for (Wish wish : others) {
            assertThat(wish.now().peers()).isLessThanOrEqualTo(1);
            assertThat(wish.now().downloaded()).isZero();
        }
        assertThat(leech.progress().downloaded()).isZero();
    }

    private interface Condition {
        boolean holds(Transfer transfer);
    }

    private static boolean all(List<Wish> wishes, Condition condition) throws Exception {
        for (Wish wish : wishes) {
            if (!condition.holds(wish.now())) {
                return false;
            }
        }
        return true;
    }

    private static List<Wish> submit(Metainfo torrent) throws Exception {
        Endpoints endpoints = world.platform().endpoints();
        ShoalClient operator = new ShoalClient(endpoints.api(), endpoints.operatorKey());
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < TENANTS_EACH; i++) {
            ShoalClient tenant = new ShoalClient(
                    endpoints.api(), operator.createTenant("tenant").key());
            wishes.add(new Wish(tenant, tenant.submit(torrent.encode()).id()));
        }
        Await.until(
                "all of them look for peers",
                Duration.ofSeconds(30),
                () -> all(wishes, transfer -> transfer.state().equals("DOWNLOADING")));
        return wishes;
    }

    private LibtorrentPeer start(Metainfo torrent, String name, Path content) throws Exception {
        Path metainfo = Files.write(folder.resolve(name + ".torrent"), torrent.encode());
        return LibtorrentPeer.start(
                metainfo.toString(), content, network.hosts().addAddress(), 0);
    }

    private static Metainfo torrent(Path file, String tracker) throws Exception {
        return MetainfoBuilder.ofFile(file)
                .pieceLength(TestPlatform.PIECE_LENGTH)
                .trackers(List.of(tracker))
                .makePrivate()
                .build();
    }
}
