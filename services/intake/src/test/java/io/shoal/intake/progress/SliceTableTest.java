package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceTableTest {
    private static TorrentId torrent(Random random) {
        byte[] hash = new byte[20];
        random.nextBytes(hash);
        return TorrentId.of("owner", InfoHash.of(hash));
    }

    private static SliceKey key(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new SliceKey.OfTorrent(torrent(random), 0);
            case 1 -> new SliceKey.OfTorrent(new TorrentId("a".repeat(26)), random.nextInt(PackedKey.SLICES));
            default -> new SliceKey.OfResolve(new UUID(random.nextLong(), random.nextLong()));
        };
    }

    @Test
    void aPackedKeyIsExactlyTheKey() {
        Random random = new Random(1);
        List<SliceKey> keys = new ArrayList<>(List.of(
                new SliceKey.OfTorrent(new TorrentId("a".repeat(26)), 0),
                new SliceKey.OfTorrent(new TorrentId("7".repeat(26)), PackedKey.SLICES - 1),
                new SliceKey.OfResolve(new UUID(0, 0)),
                new SliceKey.OfResolve(new UUID(-1, -1))));
        // Each single bit of an id.
        for (int i = 0; i < 26; i++) {
            for (char digit : new char[] {'b', 'c', 'e', 'i', 'q'}) {
                keys.add(new SliceKey.OfTorrent(new TorrentId("a".repeat(i) + digit + "a".repeat(25 - i)), 0));
            }
        }
        for (int i = 0; i < 1_000; i++) {
            keys.add(key(random));
        }
        Map<PackedKey, SliceKey> seen = new HashMap<>();
        for (SliceKey key : keys) {
            PackedKey packed = PackedKey.of(key);
            assertThat(packed.key()).isEqualTo(key);
            assertThat(seen.putIfAbsent(packed, key)).isIn(null, key);
        }
        assertThatThrownBy(() -> PackedKey.of(new SliceKey.OfTorrent(new TorrentId("a".repeat(26)), PackedKey.SLICES)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 300, 5_000})
    void itIsAMap(int keysInUse) {
        Random random = new Random(keysInUse);
        List<SliceKey> keys = new ArrayList<>();
        for (int i = 0; i < keysInUse; i++) {
            keys.add(key(random));
        }
        SliceTable table = new SliceTable(2);
        Map<SliceKey, Long> model = new HashMap<>();
        for (int step = 0; step < 30_000; step++) {
            SliceKey key = keys.get(random.nextInt(keysInUse));
            PackedKey packed = PackedKey.of(key);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    int row = table.add(packed);
                    assertThat(table.get(row, 1)).isEqualTo(model.getOrDefault(key, 0L));
                    long value = random.nextLong();
                    table.set(row, 0, ~value);
                    table.set(row, 1, value);
                    model.put(key, value);
                }
                case 2 -> assertThat(table.remove(packed)).isEqualTo(model.remove(key) != null);
                default -> {
                    int row = table.find(packed);
                    assertThat(row >= 0).isEqualTo(model.containsKey(key));
                    if (row >= 0) {
                        assertThat(table.key(row)).isEqualTo(packed);
                        assertThat(table.get(row, 0)).isEqualTo(~model.getOrDefault(key, 0L));
                    }
                }
            }
            assertThat(table.size()).isEqualTo(model.size());
            if (step % 5_000 == 4_999) {
                table.removeIf(row -> (table.get(row, 1) & 1) == 0);
                model.values().removeIf(value -> (value & 1) == 0);
                assertRowsAre(table, model);
            }
        }
        assertRowsAre(table, model);
    }

    private static void assertRowsAre(SliceTable table, Map<SliceKey, Long> model) {
        Map<SliceKey, Long> rows = new HashMap<>();
        for (int row = 0; row < table.size(); row++) {
            rows.put(table.key(row).key(), table.get(row, 1));
        }
        assertThat(rows).isEqualTo(model);
    }

    @Test
    void memoryIsGivenBack() {
        SliceTable table = new SliceTable(9);
        for (int i = 0; i < 50_000; i++) {
            table.add(new PackedKey(i, i, 1 << 30));
        }
        long full = table.bytes();
        table.removeIf(row -> true);
        assertThat(table.size()).isZero();
        assertThat(table.bytes()).isLessThan(full / 5);
    }
}
