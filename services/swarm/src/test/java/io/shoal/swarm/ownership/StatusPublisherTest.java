package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class StatusPublisherTest {
    private final MockProducer<String, byte[]> kafka =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private final StatusPublisher statuses = new StatusPublisher("worker", () -> kafka);
    private final OwnedSlice dormant =
            new OwnedSlice(OwnershipTest.key(), 0, OwnershipTest.slice(1, 1), null, (key, wanted, last, epoch) -> {
                throw new AssertionError("it is not begun");
            });

    @Test
    void aDeliveredStatusIsNotPublishedAgain() {
        publishAt(Duration.ZERO);
        kafka.completeNext();
        publishAt(Duration.ofHours(1));
        assertThat(kafka.history()).hasSize(1);
    }

    @Test
    void anUndeliveredStatusIsPublishedAgainWithoutAChange() {
        publishAt(Duration.ZERO);
        publishAt(Duration.ofMinutes(1));
        assertThat(kafka.history()).as("one at a time").hasSize(1);
        kafka.errorNext(new TimeoutException("Kafka was away for two minutes"));
        publishAt(Duration.ofMinutes(2));
        assertThat(kafka.history()).hasSize(2);
    }

    @Test
    void aKafkaThatIsAwayIsNoticedAtOnceAndWhatItDidNotTakeIsTriedAgain() {
        UnavailableProducer producer = new UnavailableProducer();
        producer.away = true;
        StatusPublisher publisher = new StatusPublisher("worker", () -> producer);
        assertThat(publisher.send(dormant, dormant.status())).isFalse();
        publisher.publishDue(List.of(dormant), 0);
        assertThat(producer.refused()).isEqualTo(2);
    }

    @Test
    void slicesWithNothingToReportAreHardlyObservedAndAChangeIsPublishedSoon() {
        try (MockProducer<String, byte[]> answering =
                new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer())) {
            StatusPublisher publisher = new StatusPublisher("worker", () -> answering);
            CountingSlice quiet = new CountingSlice();
            List<OwnedSlice> slices = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                OwnedSlice slice = new OwnedSlice(
                        OwnershipTest.key(), 0, OwnershipTest.slice(1, 1), null, (key, wanted, last, epoch) -> quiet);
                slice.start();
                slices.add(slice);
            }
            long now = 0;
            for (int cycle = 0; cycle < 600; cycle++) {
                now += Duration.ofMillis(100).toNanos();
                publisher.publishDue(slices, now);
            }
            assertThat(answering.history()).as("each once").hasSize(10_000);
            assertThat(quiet.observations).as("in a minute").isLessThanOrEqualTo(13 * 10_000);

            quiet.state = StatusRecord.State.STOPPED;
            quiet.changes++;
            publisher.publishDue(slices, now + Duration.ofMillis(100).toNanos());
            assertThat(answering.history()).hasSize(20_000);
        }
    }

    /** Seeds, with neither peers nor bytes. */
    private static final class CountingSlice implements Slice {
        StatusRecord.State state = StatusRecord.State.SEEDING;
        long changes = 1;
        int observations;

        @Override
        public long changes() {
            return changes;
        }

        @Override
        public SliceStatus status() {
            observations++;
            return new SliceStatus(
                    new Generation(1),
                    1,
                    state,
                    null,
                    Bits.NONE,
                    0,
                    StatusRecord.Totals.ZERO,
                    ProgressRecord.Rates.ZERO,
                    ProgressRecord.Peers.NONE,
                    List.of(),
                    null);
        }

        @Override
        public void want(SliceRecord newer) {}

        @Override
        public CompletableFuture<Void> handOver() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void drop() {}

        @Override
        public CompletableFuture<Void> end() {
            return CompletableFuture.completedFuture(null);
        }
    }

    private void publishAt(Duration time) {
        statuses.publishDue(List.of(dormant), time.toNanos());
    }
}
