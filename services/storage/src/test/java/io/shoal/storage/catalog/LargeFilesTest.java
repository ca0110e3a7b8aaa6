package io.shoal.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.shoal.storage.Sample;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LargeFilesTest {
    private static final int SEGMENT = 16 << 20;

    /** Segment 0 is a pack, 1 and 2 are the first large file, 3 is the second one, 4 is a pack. */
    private final LargeFiles files;

    LargeFilesTest() throws Exception {
        SegmentLayout layout =
                SegmentLayout.of(Sample.of(5_000, SEGMENT + 1, SEGMENT, 70_000).info());
        files = LargeFiles.parse(LargeFiles.of(layout).bytes());
    }

    @Test
    void aFileIsCompletedByItsLastSegment() {
        assertThat(files.isOneCompleted(set(), set(0, 1, 4))).isFalse();
        assertThat(files.isOneCompleted(set(1), set(1, 2))).isTrue();
        assertThat(files.isOneCompleted(set(1, 2), set(1, 2, 3))).isTrue();
        assertThat(files.isOneCompleted(set(2), set(2, 3))).isTrue();
        assertThat(files.isOneCompleted(set(), set(0, 1, 2, 3, 4))).isTrue();
    }

    @Test
    void aFileThatWasCompleteIsNotCompletedAgain() {
        assertThat(files.isOneCompleted(set(1, 2, 3), set(0, 1, 2, 3, 4))).isFalse();
        assertThat(files.isOneCompleted(set(1, 2), set(1))).isFalse();
        assertThat(files.isOneCompleted(set(1, 2), set(0, 1, 2, 4))).isFalse();
    }

    @Test
    void theTimeGrowsWithTheSegmentsAndNotWithTheirSquare() {
        int segments = 4_000_000;
        byte[] bytes = new byte[segments / 4];
        Arrays.fill(bytes, (byte) 0x77); // large files of two segments each
        LargeFiles files = LargeFiles.parse(bytes);
        BitSet all = new BitSet();
        all.set(0, segments);
        BitSet firsts = new BitSet();
        for (int segment = 0; segment < segments; segment += 2) {
            firsts.set(segment);
        }

        assertTimeout(Duration.ofSeconds(20), () -> {
            assertThat(files.isOneCompleted(all, all)).isFalse();
            assertThat(files.isOneCompleted(set(), firsts)).isFalse();
            assertThat(files.isOneCompleted(firsts, all)).isTrue();
        });
    }

    @Test
    void aTorrentOfSmallFilesHasNone() throws Exception {
        LargeFiles none =
                LargeFiles.of(SegmentLayout.of(Sample.of(5_000, 70_000).info()));
        assertThat(none.bytes()).isEmpty();
        assertThat(LargeFiles.parse(none.bytes()).isOneCompleted(set(), set(0))).isFalse();
    }

    private static BitSet set(int... segments) {
        return IntStream.of(segments).collect(BitSet::new, BitSet::set, BitSet::or);
    }
}
