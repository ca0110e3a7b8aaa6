package io.shoal.contracts.objects;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ObjectKeysTest {
    private static final TorrentId TORRENT = new TorrentId("abcdefghijklmnopqrstuvwx27");

    @Test
    void keysAreTheSameForEver() {
        ObjectKeys keys = new ObjectKeys(TORRENT, new Generation(7));

        assertThat(keys.info()).isEqualTo("torrents/abcdefghijklmnopqrstuvwx27/7/info");
        assertThat(keys.segment(new SegmentIndex(0x1234abcd)))
                .isEqualTo("torrents/abcdefghijklmnopqrstuvwx27/7/s/1234abcd");
        assertThat(keys.file(new FileIndex(99_999))).isEqualTo("torrents/abcdefghijklmnopqrstuvwx27/7/f/99999");
        assertThat(keys.spill(new SegmentIndex(1), new UUID(0, 1)))
                .isEqualTo("torrents/abcdefghijklmnopqrstuvwx27/7/spill/00000001/00000000-0000-0000-0000-000000000001");
        assertThat(ObjectKeys.resolved(new UUID(0, 2))).isEqualTo("resolved/00000000-0000-0000-0000-000000000002");
    }

    @Test
    void segmentsAreListedInTheirOrder() {
        ObjectKeys keys = new ObjectKeys(TORRENT, new Generation(1));
        List<String> segments = new ArrayList<>();
        for (int i : new int[] {0, 1, 9, 10, 15, 16, 255, 256, 4_096, 1 << 20, Integer.MAX_VALUE}) {
            segments.add(keys.segment(new SegmentIndex(i)));
        }
        assertThat(segments).isSorted().allMatch(key -> key.startsWith(keys.segmentsPrefix()));
    }

    @Test
    void noKeyIsAPathPrefixOfAnother() {
        List<String> keys = new ArrayList<>();
        for (long generation : new long[] {1, 10, 11, 1L << 40}) {
            ObjectKeys of = new ObjectKeys(TORRENT, new Generation(generation));
            keys.add(of.info());
            for (int i : new int[] {0, 1, 10, 11, 100, 0x10, 0x100, 99_999}) {
                keys.add(of.segment(new SegmentIndex(i)));
                keys.add(of.file(new FileIndex(i)));
                keys.add(of.spill(new SegmentIndex(i), UUID.randomUUID()));
                keys.add(of.spill(new SegmentIndex(i), UUID.randomUUID()));
            }
        }
        keys.add(ObjectKeys.resolved(UUID.randomUUID()));

        assertThat(keys).doesNotHaveDuplicates();
        for (String key : keys) {
            assertThat(keys).noneMatch(other -> other.startsWith(key + "/"));
        }
    }

    @Test
    void thePrefixOfAGenerationHoldsThatGenerationAlone() {
        ObjectKeys one = new ObjectKeys(TORRENT, new Generation(1));

        assertThat(new ObjectKeys(TORRENT, new Generation(10)).info()).doesNotStartWith(one.prefix());
        assertThat(one.spill(new SegmentIndex(5), UUID.randomUUID()))
                .startsWith(one.spillsPrefix(new SegmentIndex(5)))
                .startsWith(one.spillsPrefix())
                .startsWith(one.prefix());
        assertThat(one.file(new FileIndex(5))).startsWith(one.filesPrefix());
    }
}
