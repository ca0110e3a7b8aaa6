package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.TestPlatform;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two workers, and nobody restarts them. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TakeoverIT {
    @RegisterExtension
    private static final TestPlatform world =
            TestPlatform.with(options -> options.workers(2).withoutRestarts());

    @Test
    void whatAKilledWorkerLeavesTheOtherFinishes() throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("file"), 128 << 20, 31));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (EnginePeer seed = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 10 << 20)) {
            world.awaitStored(transfer, 25);
            String first = Objects.requireNonNull(world.worker(transfer));
            long pid = world.platform().child(first).pid();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            world.awaitComplete(transfer);
            String second = world.worker(transfer);
            assertThat(second).isNotNull().isNotEqualTo(first);
            assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
            long again = seed.progress().uploaded() - content.size();
            System.out.printf("%s was killed; %s fetched %d KiB again%n", first, second, again >> 10);
        }
    }
}
