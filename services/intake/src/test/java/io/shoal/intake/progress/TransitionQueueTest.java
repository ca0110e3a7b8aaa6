package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.objectstore.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransitionQueueTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final TransitionQueue queue = new TransitionQueue(1);

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
        return queue.take(1, () -> {}).getFirst();
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
    void severalAreTakenAtOnceAndEachIsInOneHandOnly() throws Exception {
        for (int key = 1; key <= 4; key++) {
            queue.add(entry(key, 0, key, false));
        }
        TransitionQueue.Entry first = take();
        queue.add(entry(1, 0, 5, false));
        assertThat(queue.take(2, () -> {}))
                .extracting(TransitionQueue.Entry::key)
                .containsExactly(key(2), key(3));
        assertThat(queue.take(2, () -> {}))
                .extracting(TransitionQueue.Entry::key)
                .containsExactly(key(4));
        queue.done(first);
        assertThat(queue.take(2, () -> {}))
                .extracting(TransitionQueue.Entry::key)
                .containsExactly(key(1));
    }

    @Test
    void aBurstIsSharedAmongTheThreads() throws Exception {
        TransitionQueue shared = new TransitionQueue(4);
        shared.assigned(Set.of(0));
        for (int key = 1; key <= 8; key++) {
            shared.add(entry(key, 0, key, false));
        }
        assertThat(shared.take(64, () -> {})).hasSize(2);
        assertThat(shared.take(1, () -> {})).hasSize(1);
    }

    @Test
    void theOffsetsOfStatusesThatAClosedQueueKeepsStayPending() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.add(entry(2, 1, 11, true));
        queue.close();
        assertThat(queue.take(2, () -> {})).isEmpty();
        assertThat(queue.takeBatch(2)).isEmpty();
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L, 1, 11L));
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
    void whatWasActedUponIsPendingUntilItIsStored() throws Exception {
        queue.add(entry(1, 0, 10, false));
        TransitionQueue.Entry acted = take();
        queue.store(acted);
        assertThat(queue.pending()).isEqualTo(Map.of(0, 10L));
        TransitionQueue.Entry stored = queue.takeBatch(10).getFirst();
        assertThat(rev(stored)).isEqualTo(10);
        queue.done(stored);
        assertThat(queue.pending()).isEmpty();

        queue.add(entry(1, 0, 11, false));
        acted = take();
        queue.add(entry(1, 0, 12, true));
        queue.store(acted);
        stored = queue.takeBatch(10).getFirst();
        assertThat(rev(stored)).isEqualTo(12);
        assertThat(stored.offset()).isEqualTo(11);
        queue.done(stored);

        queue.add(entry(1, 0, 13, false));
        acted = take();
        queue.add(entry(1, 0, 14, false));
        queue.store(acted);
        assertThat(queue.takeBatch(10)).as("the newer one is acted upon first").isEmpty();
        acted = take();
        assertThat(rev(acted)).isEqualTo(14);
        queue.revoked(Set.of(0), Duration.ofMillis(1));
        queue.store(acted);
        assertThat(queue.takeBatch(10)).as("of a partition that was given up").isEmpty();
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
        assertThat(queue.take(1, () -> {})).isEmpty();
    }

    private final Exception noStore = new StoreUnavailableException("made by a test", null);
    private final Exception noDatabase = new IllegalStateException(new SQLException("made by a test", "08006"));
    private final Exception fault = new IllegalStateException("made by a test");

    private boolean fails(int key, Exception failure) throws InterruptedException {
        queue.reconsider(key(key));
        TransitionQueue.Entry entry = take();
        assertThat(entry.key()).isEqualTo(key(key));
        return queue.failed(entry, LONG, failure);
    }

    private Optional<String> succeeds(int key) throws InterruptedException {
        queue.reconsider(key(key));
        TransitionQueue.Entry entry = take();
        assertThat(entry.key()).isEqualTo(key(key));
        return queue.done(entry);
    }

    @Test
    void anOutageBeginsAndEndsOnceWhateverFailsBecauseOfIt() throws Exception {
        assertThat(fails(1, noDatabase)).isTrue();
        for (int round = 0; round < 3; round++) {
            for (int slice = 1; slice <= 100; slice++) {
                assertThat(fails(slice, noDatabase)).isFalse();
            }
        }
        assertThat(fails(101, fault)).as("another failure").isTrue();
        assertThat(fails(102, fault)).isFalse();
        assertThat(fails(7, noStore)).isTrue();
        assertThat(succeeds(7)).hasValue("the store is away");
        for (int slice = 1; slice < 100; slice++) {
            assertThat(succeeds(slice)).isEmpty();
        }
        assertThat(fails(1, noDatabase)).as("it goes on").isFalse();
        assertThat(succeeds(1)).isEmpty();
        assertThat(succeeds(100)).hasValue("the database is away");
        assertThat(fails(1, noDatabase)).as("the next one").isTrue();
    }

    @Test
    void anOutageIsOverForSlicesThatAnotherReplicaTakesOver() throws Exception {
        queue.add(entry(1, 0, 10, false));
        queue.add(entry(2, 0, 11, false));
        assertThat(queue.failed(take(), LONG, noDatabase)).isTrue();
        TransitionQueue.Entry second = take();
        queue.revoked(Set.of(0), Duration.ofMillis(1));
        queue.failed(second, LONG, noDatabase);
        assertThat(fails(3, noDatabase)).as("no slice fails any more").isTrue();
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
