package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransitionQueueTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final TransitionQueue queue = new TransitionQueue();

    @BeforeEach
    void aPartition() {
        queue.assigned(Set.of(0, 1));
    }

    private static SliceKey key(int number) {
        return new SliceKey.OfResolve(new UUID(0, number));
    }

    private static TransitionQueue.Entry entry(int key, int partition, long offset, boolean isBatched) {
        StatusRecord status =
                Fleet.status(new Generation(1), offset, 1, StatusRecord.State.SEEDING, null, Bits.NONE, 0, null);
        return new TransitionQueue.Entry(key(key), status, partition, offset, 100, isBatched);
    }

    private TransitionQueue.Entry take() throws InterruptedException {
        return Objects.requireNonNull(queue.take(() -> {}));
    }

    private static long rev(TransitionQueue.Entry entry) {
        return Objects.requireNonNull(entry.status()).rev();
    }

    @Test
    void theNewestStatusIsTakenAndTheOldestOffsetIsPending() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.add(entry(2, 1, 5, false));
        queue.add(entry(1, 0, 11, false));
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L, 1, 5L));
        TransitionQueue.Entry first = take();
        assertThat(first.key()).isEqualTo(key(1));
        assertThat(rev(first)).isEqualTo(11);
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L, 1, 5L));
        queue.done(first);
        assertThat(queue.pending()).isEqualTo(Map.of(1, 5L));
    }

    @Test
    void aSliceIsInOneHandOnly() throws Exception {
        queue.add(entry(1, 0, 10, false));
        TransitionQueue.Entry first = take();
        queue.add(entry(1, 0, 11, false));
        queue.add(entry(2, 0, 12, false));
        TransitionQueue.Entry second = take();
        assertThat(second.key()).isEqualTo(key(2));
        queue.done(first);
        assertThat(rev(take())).isEqualTo(11);
    }

    @Test
    void whatFailsWaitsUnlessSomethingNewComes() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.again(take(), LONG);
        queue.wake();
        queue.add(entry(2, 0, 11, false));
        TransitionQueue.Entry other = take();
        assertThat(other.key()).isEqualTo(key(2));
        queue.done(other);
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L));
        queue.add(entry(1, 0, 12, false));
        TransitionQueue.Entry newer = take();
        assertThat(rev(newer)).isEqualTo(12);
        assertThat(newer.offset()).isEqualTo(10);

        queue.add(entry(1, 0, 13, false));
        queue.again(newer, LONG);
        TransitionQueue.Entry newest = take();
        assertThat(rev(newest)).isEqualTo(13);
        queue.again(newest, Duration.ZERO);
        queue.wake();
        assertThat(take().offset()).isEqualTo(10);
    }

    @Test
    void storedSegmentsAreTakenTogetherUnlessMoreHasChanged() throws Exception {
        queue.add(entry(1, 0, 10, true));
        queue.add(entry(2, 0, 11, true));
        queue.add(entry(3, 0, 12, true));
        assertThat(queue.reconsider(key(2))).isTrue();
        TransitionQueue.Entry looked = take();
        assertThat(looked.key()).isEqualTo(key(2));
        assertThat(rev(looked)).isEqualTo(11);
        queue.add(entry(2, 0, 13, true));
        assertThat(queue.takeBatch(10)).extracting(TransitionQueue.Entry::key).containsExactly(key(1), key(3));
        assertThat(queue.takeBatch(10)).isEmpty();
        queue.done(looked);
        assertThat(queue.takeBatch(10)).extracting(TransitionQueue.Entry::key).containsExactly(key(2));
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L));
    }

    @Test
    void whatAnotherReplicaTakesOverIsDroppedAndNotTriedAgain() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.add(entry(2, 1, 10, false));
        queue.add(entry(3, 0, 11, true));
        TransitionQueue.Entry first = take();
        queue.revoked(Set.of(0), Duration.ofMillis(1));
        queue.again(first, Duration.ZERO);
        queue.wake();
        assertThat(queue.pending()).isEqualTo(Map.of(1, 10L));
        assertThat(queue.takeBatch(10)).isEmpty();
        assertThat(take().key()).isEqualTo(key(2));
    }

    @Test
    void aStatusOfAPartitionThatWasGivenUpDoesNotComeBackWithAWish() throws Exception {
        queue.add(entry(1, 0, 10, false));
        TransitionQueue.Entry first = take();
        queue.revoked(Set.of(0), Duration.ofMillis(1));
        queue.reconsider(key(1));
        queue.again(first, Duration.ZERO);
        assertThat(take().status()).isNull();
    }

    @Test
    void aClosedQueueHandsOutWhatNoOtherReplicaKnows() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.reconsider(key(2));
        queue.close();
        assertThat(take().key()).isEqualTo(key(2));
        assertThat(queue.take(() -> {})).isNull();
    }

    @Test
    void itIsBounded() throws Exception {
        for (int i = 0; i < TransitionQueue.MOST; i++) {
            assertThat(queue.isFull()).isFalse();
            queue.add(entry(i, 0, i, false));
        }
        assertThat(queue.isFull()).isTrue();
        queue.done(take());
        assertThat(queue.isFull()).isFalse();
        for (int i = 0; queue.reconsider(key(-i)); i++) {
            assertThat(i).isLessThan(2 * TransitionQueue.MOST);
        }
    }

    @Test
    void largeStatusesFillItSooner() {
        TransitionQueue.Entry small = entry(1, 0, 1, false);
        for (int i = 0; i < 31; i++) {
            queue.add(new TransitionQueue.Entry(key(i), small.status(), 0, i, 512 << 10, false));
        }
        assertThat(queue.isFull()).isFalse();
        queue.add(new TransitionQueue.Entry(key(32), small.status(), 0, 32, 512 << 10, false));
        assertThat(queue.isFull()).isTrue();
    }
}
