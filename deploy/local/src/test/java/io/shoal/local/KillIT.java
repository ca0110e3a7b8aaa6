package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.CountingStore;
import io.shoal.local.world.StoredSegments;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kill -9 of each process in turn, in mid-download. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KillIT {
    private static final int SEGMENTS = 8;
    private static final long SEGMENT_BYTES = 16 << 20;
    private static final int PIECES_PER_SEGMENT = (int) (SEGMENT_BYTES / TestPlatform.PIECE_LENGTH);
    private static final long SEED_LIMIT = 10 << 20;

    /** What the seed has read and not yet sent is read again when the two dial each other and one connection yields. */
    private static final long ON_THE_WAY = EngineLimits.READ_AHEAD_BYTES;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(
            options -> options.with("SHOAL_TRACKER_INTERVAL", "5s").with("SHOAL_TRACKER_MIN_INTERVAL", "2s"));

    private final AtomicReference<CountingStore> given = new AtomicReference<>();

    @AfterEach
    void empty() throws Exception {
        world.empty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker-0", "intake", "storage", "tracker", "kafka", "postgres", "s3"})
    void theFileIsExactAndNothingStoredIsFetchedAgainAfterTheKillOf(String victim) throws Exception {
        Content content = Content.of(TestPlatform.randomFile(
                world.freshFolder("content").resolve("file"), SEGMENTS * SEGMENT_BYTES, victim.hashCode()));
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (EnginePeer _ = seed(content, torrent)) {
            Transfer before = world.awaitStored(transfer, 25);
            assertThat(before.stored()).as("stored at the kill").isLessThan(content.size() * 8 / 10);
            BitSet stored =
                    StoredSegments.piecesOf(StoredSegments.in(world.platform().folder()), PIECES_PER_SEGMENT);
            counting().forget();
            kill(victim);
            long notStored = counting().bytes() - stored.cardinality() * (long) TestPlatform.PIECE_LENGTH;

            world.awaitComplete(transfer);
            long again = counting().bytes() - content.size();
            System.out.printf(
                    "killed %s with %d of %d pieces stored; fetched again: %d KiB, of at most %d KiB that were not stored%n",
                    victim, stored.cardinality(), torrent.info().pieces().count(), again >> 10, notStored >> 10);
            BitSet fetchedAgain = counting().read();
            fetchedAgain.and(stored);
            assertThat(fetchedAgain).as("stored pieces that were fetched again").isEqualTo(new BitSet());
            assertThat(again)
                    .as("bytes fetched again")
                    .isLessThanOrEqualTo(victim.startsWith("worker") ? notStored + ON_THE_WAY : SEGMENT_BYTES);
            assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
        }
        if (victim.equals("tracker")) {
            aNewPeerMeetsTheWorker(torrent);
        }
    }

    /** The tracker that follows has read what the killed one told Kafka; what had not got there comes within one interval. */
    private static void aNewPeerMeetsTheWorker(Metainfo torrent) throws Exception {
        Path into = world.freshFolder("leech");
        try (EnginePeer leech =
                EnginePeer.start(torrent, java.util.List.of(into.resolve("file")), Options.LOOPBACK, 0)) {
            TestPlatform.awaitComplete(leech);
        }
    }

    private EnginePeer seed(Content content, Metainfo torrent) throws Exception {
        return EnginePeer.start(torrent, content.files(), Options.LOOPBACK, SEED_LIMIT, store -> {
            CountingStore counting =
                    new CountingStore(store, torrent.info().pieces().count());
            given.set(counting);
            return counting;
        });
    }

    private CountingStore counting() {
        return java.util.Objects.requireNonNull(given.get());
    }

    private static void kill(String victim) throws Exception {
        long pid = world.platform().child(victim).pid();
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        Await.until(
                victim + " runs again",
                Duration.ofSeconds(60),
                () -> world.platform().child(victim).pid() != pid);
    }
}
