package io.shoal.storage.catalog;

import static io.shoal.storage.TestIds.torrent;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastChangesTest {
    private final LastChanges last = new LastChanges();

    @Test
    void onlyAnotherReportOfTheSliceIsNews() {
        assertThat(last.isNews(report(1, 0, 1, 1, 0, 5))).isTrue();
        assertThat(last.isNews(report(1, 0, 1, 1, 0, 5))).isFalse();
        List<Change> others = List.of(
                report(1, 0, 2, 1, 0, 5),
                report(1, 0, 1, 2, 0, 5),
                report(1, 0, 1, 1, 1, 5),
                report(1, 0, 1, 1, 0, 6),
                report(1, 0, 1, 1, 0, 100_000),
                report(1, 1, 1, 1, 0, 5),
                report(2, 0, 1, 1, 0, 5));
        for (Change other : others) {
            assertThat(last.isNews(other)).as("%s", other).isTrue();
            assertThat(last.isNews(other)).as("%s", other).isFalse();
        }
        assertThat(last.isNews(report(1, 0, 1, 1, 0, 5)))
                .as("another one came meanwhile")
                .isTrue();
    }

    @Test
    void aRemovalIsAlwaysNews() {
        Change live = new Change.Desired(torrent(1), new Generation(1), 1, false, "info");
        Change removed = new Change.Desired(torrent(1), new Generation(1), 2, true, "info");
        Change ended = new Change.Ended(torrent(1));
        assertThat(List.of(last.isNews(live), last.isNews(live))).containsExactly(true, false);
        assertThat(List.of(last.isNews(removed), last.isNews(removed))).containsExactly(true, true);
        assertThat(List.of(last.isNews(ended), last.isNews(ended), last.isNews(live)))
                .containsExactly(true, true, true);
        assertThat(last.isNews(report(1, 0, 1, 1, 0, 5)))
                .as("a slice is another key")
                .isTrue();
    }

    @Test
    void aWithdrawnReportMakesRoomAndIsNewsAgain() {
        int keys = 1_000;
        for (int round = 0; round < 100; round++) {
            for (int slice = 0; slice < keys; slice++) {
                assertThat(last.isNews(report(round * keys + slice, 3, 1, 1, 0, 5)))
                        .isTrue();
            }
            for (int slice = 0; slice < keys; slice++) {
                assertThat(last.isNews(new Change.Withdrawn(torrent(round * keys + slice), 3)))
                        .isTrue();
            }
        }
        assertThat(last.capacity()).isLessThan(8 * keys);
        assertThat(last.isNews(report(0, 3, 1, 1, 0, 5))).isTrue();
        assertThat(last.isNews(new Change.Withdrawn(torrent(0), 2)))
                .as("another slice")
                .isTrue();
        assertThat(last.isNews(report(0, 3, 1, 1, 0, 5))).isFalse();
        last.isNews(new Change.Withdrawn(torrent(0), 3));
        assertThat(last.isNews(report(0, 3, 1, 1, 0, 5))).isTrue();
    }

    @Test
    void manyKeysAreRememberedAndEndedOnesMakeRoom() {
        int keys = 50_000;
        for (int round = 0; round < 3; round++) {
            int first = round * keys;
            assertThat(IntStream.range(first, first + keys)
                            .filter(key -> last.isNews(wish(key)))
                            .count())
                    .isEqualTo(keys);
            assertThat(IntStream.range(first, first + keys)
                            .filter(key -> last.isNews(wish(key)))
                            .count())
                    .isZero();
            IntStream.range(first, first + keys).forEach(key -> last.isNews(new Change.Ended(torrent(key))));
        }
    }

    private static Change wish(int torrent) {
        return new Change.Desired(torrent(torrent), new Generation(1), 1, false, "info");
    }

    private static Change report(int torrent, int slice, long generation, long epoch, int check, int segments) {
        BitSet stored = new BitSet();
        stored.set(0, segments);
        return new Change.Observed(torrent(torrent), slice, new Generation(generation), epoch, check, Bits.of(stored));
    }
}
