package io.shoal.swarm.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.Wanted;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pieces that lie wholly in pad files are not downloaded, not waited for, and served as zeros. */
class PadFilesTest {
    private static final int PIECE = 64 << 10;

    @TempDir
    Path folder;

    @Test
    void aPadLongerThanAPieceInsideAPackAndOneAtTheEnd() throws Exception {
        RandomTorrent content =
                RandomTorrent.withPads(PIECE, 3 * PIECE + 1, -4 * PIECE, 2 * PIECE, -PIECE / 2, 5, -3 * PIECE - 7);
        assertThat(content.geometry.segments()).as("one pack").hasSize(1);
        FailingStore objects = new FailingStore();
        try (SegmentStoreFixture fixture = new SegmentStoreFixture(folder, objects, 4)) {
            var torrent = fixture.open(content, Wanted.ALL);
            for (int piece : torrent.wanted()) {
                torrent.download(piece);
            }
            await().until(() -> torrent.stored.equals(List.of(0)));
            await().until(() -> fixture.slots.free() == fixture.slots.count());
            assertThat(torrent.wanted()).isEmpty();
            for (int piece = 0; piece < content.geometry.pieces().count(); piece++) {
                byte[] expected = content.piece(piece);
                assertThat(torrent.read(piece, 0, expected.length).get(20, TimeUnit.SECONDS))
                        .as("piece " + piece)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void aSpillOfSuchAPackIsTakenOver() throws Exception {
        RandomTorrent content = RandomTorrent.withPads(PIECE, 3 * PIECE, -4 * PIECE, 2 * PIECE);
        FailingStore objects = new FailingStore();
        try (SegmentStoreFixture fixture = new SegmentStoreFixture(folder, objects, 4)) {
            var first = fixture.open(content, Wanted.ALL);
            first.download(0);
            first.download(8);
            first.handOver();
            var second = fixture.open(content, Wanted.ALL);
            assertThat(second.wanted()).containsExactly(1, 2, 7);
            for (int piece : second.wanted()) {
                second.download(piece);
            }
            await().until(() -> second.stored.equals(List.of(0)));
        }
        byte[] stored = objects.objects.get(content.segment(0).getKey());
        assertThat(stored).isEqualTo(content.segment(0).getValue());
    }
}
