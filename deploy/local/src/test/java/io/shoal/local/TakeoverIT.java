package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.World;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two workers, and nobody restarts them. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TakeoverIT {
    private static World world;

    @BeforeAll
    static void start() throws Exception {
        world = World.start(options -> options.workers(2).withoutRestarts());
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void manyTorrentsAreSpreadAndWhatOneWorkerLeavesTheOtherFinishes() throws Exception {
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            Content small =
                    Content.of(World.randomFile(world.freshFolder("content").resolve("small-" + i), 100_000, 100 + i));
            String transfer = world.submit(world.torrent(small));
            Await.until("a worker has it", Duration.ofSeconds(20), () -> {
                Transfer now = world.look(transfer);
                return now != null
                        && now.worker() != null
                        && (workers.contains(now.worker()) || workers.add(now.worker()));
            });
        }
        assertThat(workers).containsExactlyInAnyOrder("worker-0", "worker-1");

        Content content =
                Content.of(World.randomFile(world.freshFolder("content").resolve("file"), 128 << 20, 31));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (EnginePeer seed = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 10 << 20)) {
            String first =
                    Objects.requireNonNull(world.awaitStored(transfer, 25).worker());
            long pid = world.platform().child(first).pid();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            Transfer done = world.awaitComplete(transfer);
            assertThat(done.worker()).isNotNull().isNotEqualTo(first);
            assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
            long again = seed.progress().uploaded() - content.size();
            System.out.printf("%s was killed; %s fetched %d KiB again%n", first, done.worker(), again >> 10);
        }
    }
}
