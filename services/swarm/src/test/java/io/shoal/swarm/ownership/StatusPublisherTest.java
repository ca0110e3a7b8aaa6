package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class StatusPublisherTest {
    private final MockProducer<String, byte[]> kafka =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private final StatusPublisher statuses = new StatusPublisher("worker", new WorkerProducer(() -> kafka));
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
        StatusPublisher publisher = new StatusPublisher("worker", new WorkerProducer(() -> producer));
        assertThat(publisher.send(dormant, dormant.status())).isFalse();
        publisher.publishDue(List.of(dormant), 0);
        assertThat(producer.refused()).isEqualTo(2);
    }

    @Test
    void slicesWithNothingToReportAreHardlyObservedAndAChangeIsPublishedSoon() {
        try (MockProducer<String, byte[]> answering =
                new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer())) {
            StatusPublisher publisher = new StatusPublisher("worker", new WorkerProducer(() -> answering));
            FakeSlice quiet = FakeSlice.dormant();
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
                if (cycle % 10 == 0) {
                    quiet.seed(1);
                }
                publisher.publishDue(slices, now);
            }
            assertThat(answering.history()).as("each once").hasSize(10_000);
            assertThat(quiet.observations.get()).as("in a minute").isLessThanOrEqualTo(13 * 10_000);

            quiet.setStatus(FakeSlice.status(1, 1, StatusRecord.State.STOPPED, 0));
            publisher.publishDue(slices, now + Duration.ofMillis(100).toNanos());
            assertThat(answering.history()).hasSize(20_000);
        }
    }

    private void publishAt(Duration time) {
        statuses.publishDue(List.of(dormant), time.toNanos());
    }
}
