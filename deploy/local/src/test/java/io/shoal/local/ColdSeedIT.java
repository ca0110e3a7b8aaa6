package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.clients.LibtorrentPeer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.supervision.Child;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.StoredSegments;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that has nothing on its own disk and in its memory gives what the object store has. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ColdSeedIT {
    private static final String WORKER = "worker-0";
    private static final long MIB = 1 << 20;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(options -> options.with("SHOAL_SEGMENT_GRACE", "1s")
            .with("SHOAL_TRACKER_INTERVAL", "3s")
            .with("SHOAL_TRACKER_MIN_INTERVAL", "1s"));

    @AfterEach
    void empty() throws Exception {
        world.empty();
    }

    @Test
    void packsAreGivenFromSegments() throws Exception {
        Path root = world.freshFolder("content").resolve("many");
        for (int i = 0; i < 30; i++) {
            TestPlatform.randomFile(root.resolve("file-%02d".formatted(i)), MIB + 1_234L * i, 300 + i);
        }
        Content content = Content.of(root);
        Metainfo torrent = world.torrent(content);
        store(torrent, content);
        assertThat(segments().cardinality()).isGreaterThan(1);
        assertThat(files()).isEqualTo(new BitSet());

        isGivenByAColdWorker(torrent, content);
    }

    @Test
    void aLargeFileIsGivenFromTheAssembledObject() throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("large"), 40 * MIB + 11, 401));
        Metainfo torrent = world.torrent(content);
        store(torrent, content);
        Await.until(
                "the file is one object and its segments are gone",
                Duration.ofSeconds(40),
                () -> files().get(0) && segments().isEmpty(),
                this::segmentsSeen);

        isGivenByAColdWorker(torrent, content);
    }

    private void store(Metainfo torrent, Content content) throws Exception {
        String transfer = world.submit(torrent);
        try (OutsidePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0)) {
            world.awaitComplete(transfer);
        }
    }

    private void isGivenByAColdWorker(Metainfo torrent, Content content) throws Exception {
        assertThat(world.platform().folder().resolve("workers").resolve(WORKER))
                .as("what a worker leaves to its successor: its scratch file has no name")
                .isEmptyDirectory();
        Child worker = world.platform().child(WORKER);
        long pid = worker.pid();
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        Await.until(
                "another worker runs and has the torrent",
                Duration.ofSeconds(60),
                () -> worker.pid() != pid && slices() > 0,
                () -> "process " + worker.pid() + ", before " + pid);
        assertThat(world.metric(WORKER, "shoal_swarm_store_read_bytes_total"))
                .as("read before anybody asks")
                .isZero();

        Path into = world.freshFolder("leech");
        try (LibtorrentPeer leech =
                LibtorrentPeer.start(world.torrentFile(torrent).toString(), into, Options.LOOPBACK, 0)) {
            TestPlatform.awaitComplete(leech);
        }
        for (Path file : content.files()) {
            assertThat(Sha256.of(content.copyOf(file, into)))
                    .as(file.toString())
                    .isEqualTo(Sha256.of(file));
        }
        assertThat(world.metric(WORKER, "shoal_swarm_store_read_bytes_total"))
                .as("read from the store")
                .isGreaterThanOrEqualTo((double) content.size());
    }

    private static double slices() throws InterruptedException {
        try {
            return world.metric(WORKER, "shoal_swarm_slices");
        } catch (IOException e) {
            return 0; // it does not answer yet
        }
    }

    private BitSet segments() throws Exception {
        return StoredSegments.in(world.platform().folder());
    }

    private BitSet files() throws Exception {
        return StoredSegments.assembledIn(world.platform().folder());
    }

    private Object segmentsSeen() {
        try {
            return "segments " + segments() + ", files " + files();
        } catch (Exception e) {
            return e;
        }
    }
}
