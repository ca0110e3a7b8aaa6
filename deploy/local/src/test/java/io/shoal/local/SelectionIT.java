package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.ApiException;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.CountingStore;
import io.shoal.local.world.StoredSegments;
import io.shoal.local.world.TestPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Some files of a torrent are wanted, then all. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SelectionIT {
    private static final long MIB = 1 << 20;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.usual();

    @Test
    void onlyWantedFilesAreFetchedAndStoredUntilMoreAreWanted() throws Exception {
        Path root = world.freshFolder("content").resolve("selected");
        TestPlatform.randomFile(root.resolve("0-large"), 20 * MIB + 1, 11);
        TestPlatform.randomFile(root.resolve("1-large"), 20 * MIB + 3, 12);
        TestPlatform.randomFile(root.resolve("2-small"), 100_000, 13);
        TestPlatform.randomFile(root.resolve("3-small"), 200_000, 14);
        TestPlatform.randomFile(root.resolve("4-large"), 17 * MIB + 5, 15);
        TestPlatform.randomFile(root.resolve("5-small"), 300_000, 16);
        Files.createFile(root.resolve("6-empty"));
        Content content = Content.of(root);
        Metainfo torrent = world.torrent(content);
        Geometry geometry = Geometry.of(torrent.info());
        AtomicReference<CountingStore> given = new AtomicReference<>();

        String transfer = world.client()
                .submit(Map.of(
                        "metainfo", Base64.getEncoder().encodeToString(torrent.encode()), "wanted", List.of(1, 5)))
                .id();
        try (EnginePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0, store -> {
            given.set(new CountingStore(store, torrent.info().pieces().count()));
            return Objects.requireNonNull(given.get());
        })) {
            Transfer some = world.awaitComplete(transfer);
            BitSet wanted = segments(geometry, 1, 5);
            assertThat(some.wanted()).isEqualTo(20 * MIB + 3 + 300_000);
            assertThat(StoredSegments.in(world.platform().folder())).isEqualTo(wanted);
            assertThat(Objects.requireNonNull(given.get()).read())
                    .as("pieces that were asked for: each that a wanted segment lies in, and no other")
                    .isEqualTo(pieces(geometry, wanted));
            assertExact(transfer, content, 1, 5);
            for (int unwanted : List.of(0, 2, 3, 4)) {
                assertThatThrownBy(() -> world.client().link(transfer, unwanted))
                        .isInstanceOfSatisfying(
                                ApiException.class,
                                refused -> assertThat(refused.status()).isEqualTo(409))
                        .hasMessageContaining("not-wanted");
            }

            world.client().change(transfer, Map.of("wanted", List.of(0, 1, 2, 3, 4, 5, 6)));
            Await.until("the wish is wider", Duration.ofSeconds(20), () -> {
                Transfer now = world.look(transfer);
                return now != null && now.wanted() == content.size();
            });
            world.awaitComplete(transfer);
            assertThat(StoredSegments.in(world.platform().folder())).isEqualTo(segments(geometry, 0, 1, 2, 3, 4, 5));
            assertExact(transfer, content, 0, 1, 2, 3, 4, 5, 6);
        }
    }

    private static void assertExact(String transfer, Content content, int... files) throws Exception {
        for (int file : files) {
            assertThat(world.download(transfer, file))
                    .as("file " + file)
                    .isEqualTo(Sha256.of(content.files().get(file)));
        }
    }

    private static BitSet segments(Geometry geometry, int... files) {
        BitSet segments = new BitSet();
        for (int file : files) {
            SegmentRange range = geometry.segmentsOf(new FileIndex(file));
            segments.set(range.from(), range.to());
        }
        return segments;
    }

    private static BitSet pieces(Geometry geometry, BitSet segments) {
        BitSet pieces = new BitSet();
        segments.stream()
                .mapToObj(segment -> geometry.piecesOf(new SegmentIndex(segment)))
                .flatMapToInt(SelectionIT::numbers)
                .forEach(pieces::set);
        return pieces;
    }

    private static IntStream numbers(PieceRange range) {
        return IntStream.range(range.from(), range.to());
    }
}
