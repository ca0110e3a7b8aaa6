package io.shoal.swarm.segments;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.Wanted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the order of pieces, and however often the store fails, a hash fails or the owner changes: in the end the
 * store has the files to the byte, and no kept piece was downloaded twice. A seed identifies a run.
 */
class SegmentStorePropertyTest {
    private static final RandomTorrent CONTENT =
            RandomTorrent.of(384 << 10, 3 * MIB + 11, 9 * MIB, 16 * MIB, 5 * MIB + 1, 0, 18 * MIB + 77, 200);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theStoreHasTheFilesToTheByte(long seed) throws Exception {
        Random random = new Random(seed);
        FailingStore objects = new FailingStore();
        AtomicInteger calls = new AtomicInteger();
        int refusals = 2 + random.nextInt(4);
        objects.away = key -> key.contains("/s/") && calls.incrementAndGet() % refusals != 0;
        int pieces = CONTENT.geometry.pieces().count();
        int[] downloads = new int[pieces];
        try (SegmentStoreFixture bench = new SegmentStoreFixture(folder, objects, 3 + random.nextInt(4))) {
            for (boolean done = false; !done; ) {
                var torrent = bench.open(CONTENT, Wanted.ALL);
                done = random.nextInt(3) == 0;
                int budget = done ? Integer.MAX_VALUE : random.nextInt(pieces);
                run(torrent, bench, random, budget, downloads);
                if (done) {
                    await().until(() -> objects.objects
                            .keySet()
                            .containsAll(CONTENT.segments().keySet()));
                }
                torrent.handOver();
                await().until(() -> bench.slots.free() == bench.slots.count());
            }
        }
        CONTENT.segments()
                .forEach((key, bytes) -> assertThat(Arrays.equals(objects.objects.get(key), bytes))
                        .as(key)
                        .isTrue());
        assertThat(downloads).containsOnly(1);
    }

    private static void run(
            SegmentStoreFixture.Opened torrent, SegmentStoreFixture bench, Random random, int budget, int[] downloads)
            throws Exception {
        Deque<Integer> open = new ArrayDeque<>();
        List<Integer> wanted = new ArrayList<>(torrent.wanted());
        Collections.shuffle(wanted, random);
        int left = budget;
        while (left > 0 && !(wanted.isEmpty() && open.isEmpty())) {
            boolean opened = false;
            for (Iterator<Integer> each = wanted.iterator(); each.hasNext() && open.size() < 4 && !opened; ) {
                int piece = each.next();
                if (torrent.open(piece)) {
                    each.remove();
                    open.addLast(piece);
                    opened = true;
                }
            }
            if (!open.isEmpty() && (!opened || random.nextBoolean())) {
                int piece = random.nextBoolean() ? open.removeFirst() : open.removeLast();
                boolean liar = random.nextInt(8) == 0;
                torrent.write(piece, liar ? new byte[CONTENT.piece(piece).length] : CONTENT.piece(piece));
                if (liar) {
                    bench.onLoop(() -> {
                        torrent.store.discard(piece);
                        return true;
                    });
                    wanted.add(piece);
                } else {
                    torrent.verified(piece);
                    downloads[piece]++;
                    left--;
                }
            } else if (!opened) {
                // No room: what does not grow goes.
                bench.nanos.addAndGet(Duration.ofMinutes(2).toNanos());
                bench.slots.review();
                torrent.store.tick();
                Thread.onSpinWait();
            }
        }
    }
}
