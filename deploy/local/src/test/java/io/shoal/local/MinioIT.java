package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.platform.S3Choice;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same services over a real MinIO server, whose program {@code SHOAL_MINIO} names. */
@Tag("minio")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MinioIT {
    private static final Path MINIO = Path.of(Objects.requireNonNull(System.getenv("SHOAL_MINIO"), "SHOAL_MINIO"));

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(options -> options.s3(new S3Choice.Minio(MINIO)));

    @Test
    void aTorrentGoesAllTheWayThoughTheStoreIsKilledInTheMiddle() throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("file"), (128 << 20) + 17, 41));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (EnginePeer seed = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 10 << 20)) {
            world.awaitStored(transfer, 25);
            long pid = world.platform().child("s3").pid();
            assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
            Await.until(
                    "MinIO runs again",
                    Duration.ofSeconds(60),
                    () -> world.platform().child("s3").pid() != pid);
            world.awaitComplete(transfer);
            assertThat(seed.progress().uploaded() - content.size())
                    .as("bytes fetched again: what is on its way when two connections become one")
                    .isLessThanOrEqualTo(EngineLimits.READ_AHEAD_BYTES);
        }
        assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
        Path copy = world.freshFolder("leech").resolve("file");
        try (EnginePeer leech = EnginePeer.start(torrent, List.of(copy), Options.LOOPBACK, 0)) {
            TestPlatform.awaitComplete(leech);
        }
        assertThat(Sha256.of(copy)).isEqualTo(Sha256.of(content.root()));
    }
}
