package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.clients.LibtorrentPeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many tenants, each alone, want one public torrent that one outside seed has. Two workers with four ports each: all must get it,
 * from little more than one copy of the seed's.
 */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class EverybodyGetsItIT {
    private static final long MIB = 1 << 20;
    private static final int PIECE = 128 << 10;
    private static final long SEED_RATE = 4 * MIB;

    /** What the seed was sending when it was not needed any more: it gives to eight at a time, two pieces each. */
    private static final long IN_FLIGHT = 16L * PIECE;

    @RegisterExtension
    private static final TestPlatform world =
            TestPlatform.with(options -> options.workers(2).with("SHOAL_SEGMENT_GRACE", "1s"));

    private final List<Wish> wishes = new ArrayList<>();

    /** One tenant's transfer. */
    private record Wish(ShoalClient tenant, String transfer) {}

    @AfterEach
    void remove() throws Exception {
        for (Wish wish : wishes) {
            wish.tenant.remove(wish.transfer);
        }
    }

    @Test
    void sixteenTenants() throws Exception {
        getIt(16, 128 * MIB, Duration.ofSeconds(150));
    }

    @Test
    @Tag("long")
    void sixtyFourTenants() throws Exception {
        getIt(64, 32 * MIB, Duration.ofMinutes(2));
    }

    /**
     * What the seed gives is for the design to keep low, and is what is asserted: it bounds the time as well where the machine keeps
     * up. How long it takes here depends on what else the machine does, storing all these copies included.
     */
    private void getIt(int tenants, long size, Duration limit) throws Exception {
        Path folder = world.freshFolder("content");
        Content content = Content.of(TestPlatform.randomFile(folder.resolve("wanted"), size, tenants));
        Metainfo torrent = world.torrent(content, PIECE);
        Endpoints endpoints = world.platform().endpoints();
        ShoalClient operator = new ShoalClient(endpoints.api(), endpoints.operatorKey());
        for (int i = 0; i < tenants; i++) {
            String key = operator.createTenant("tenant-" + tenants + "-" + i).key();
            ShoalClient tenant = new ShoalClient(endpoints.api(), key);
            wishes.add(new Wish(tenant, tenant.submit(torrent.encode()).id()));
        }
        Await.until("all of them look for peers", Duration.ofSeconds(30), () -> count("DOWNLOADING") == tenants);

        try (LibtorrentPeer seed =
                LibtorrentPeer.start(world.torrentFile(torrent).toString(), folder, Options.LOOPBACK, SEED_RATE)) {
            long begun = System.nanoTime(); // it listens; how long its program takes to start is not the platform's
            Await.until("all of them have it", limit, () -> complete() == tenants, this::seen);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            long given = seed.progress().uploaded();
            System.out.printf(
                    "%d tenants complete after %.1f s, %.2f of size/rate; the seed gave %.3f copies%n",
                    tenants, took.toMillis() / 1e3, took.toMillis() / 1e3 * SEED_RATE / size, (double) given / size);
            assertThat(given).isLessThanOrEqualTo(size / 4 * 5 + IN_FLIGHT);
        }
        for (Wish wish : List.of(wishes.getFirst(), wishes.getLast())) {
            assertThat(wish.tenant.transfer(wish.transfer).stored()).isEqualTo(size);
        }
    }

    private int complete() throws IOException, InterruptedException {
        int complete = 0;
        for (Wish wish : wishes) {
            complete += wish.tenant.transfer(wish.transfer).complete() ? 1 : 0;
        }
        return complete;
    }

    private int count(String state) throws IOException, InterruptedException {
        int count = 0;
        for (Wish wish : wishes) {
            count += wish.tenant.transfer(wish.transfer).state().equals(state) ? 1 : 0;
        }
        return count;
    }

    private Object seen() {
        Map<String, Integer> seen = new HashMap<>();
        try {
            for (Wish wish : wishes) {
                Transfer now = wish.tenant.transfer(wish.transfer);
                seen.merge(
                        "%s, reason %s, %d MiB stored, %d peers"
                                .formatted(now.state(), now.reason(), now.stored() / MIB, now.peers()),
                        1,
                        Integer::sum);
            }
        } catch (Exception e) {
            return e;
        }
        return seen;
    }
}
