package io.shoal.swarm.segments;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.Wanted;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A successor loads the spills of its predecessor in little memory, however many and however long they are. */
@Timeout(120)
class TakeOverTest {
    private static final int SPILLED = 8;

    private final RandomTorrent content =
            RandomTorrent.of(MIB, 9 * MIB, 9 * MIB, 9 * MIB, 9 * MIB, 9 * MIB, 9 * MIB, 9 * MIB);

    @TempDir
    Path folder;

    @Test
    void allSpillsAreLoadedInTwoRangesOfOneMebibyte() throws Exception {
        HoldingStore objects = new HoldingStore();
        try (SegmentStoreFixture fixture = new SegmentStoreFixture(folder, objects, 24)) {
            var first = fixture.open(content, Wanted.ALL);
            for (int piece : first.wanted()) {
                if (piece % 9 < SPILLED) {
                    first.download(piece);
                }
            }
            first.handOver();

            objects.held = new CompletableFuture<>();
            var second = fixture.open(content, Wanted.ALL);
            for (int piece : second.wanted()) {
                second.download(piece);
            }
            await().until(() -> objects.reading.get() >= 2L * MIB);
            objects.held.complete(null);
            await().until(() ->
                    second.stored.size() == content.geometry.segments().size());
        }
        assertThat(objects.most.get()).isEqualTo(2L * MIB);
        content.segments()
                .forEach((key, bytes) -> assertThat(objects.objects.get(key)).isEqualTo(bytes));
    }

    /** Counts the bytes that are being read, and can hold all reads. */
    private static final class HoldingStore extends FailingStore {
        final AtomicLong reading = new AtomicLong();
        final AtomicLong most = new AtomicLong();
        volatile CompletableFuture<Void> held = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<Void> read(String key, long offset, ByteBuffer into) {
            int length = offset == 0 ? 0 : into.remaining(); // the bitmaps are listed, and are not held
            return length == 0 ? super.read(key, offset, into) : hold(length, () -> super.read(key, offset, into));
        }

        @Override
        public CompletableFuture<byte[]> get(String key, int limit) {
            return hold(limit, () -> super.get(key, limit));
        }

        private <T> CompletableFuture<T> hold(int length, Supplier<CompletableFuture<T>> call) {
            most.accumulateAndGet(reading.addAndGet(length), Math::max);
            return held.thenCompose(nothing -> call.get())
                    .whenComplete((answer, failure) -> reading.addAndGet(-length));
        }
    }
}
