package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class StatusPublisherTest {
    private final MockProducer<String, byte[]> kafka =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private final StatusPublisher statuses = new StatusPublisher("worker", kafka);
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
        StatusPublisher publisher = new StatusPublisher("worker", producer);
        assertThat(publisher.send(dormant, dormant.status())).isFalse();
        publisher.publishDue(List.of(dormant), 0);
        assertThat(producer.refused()).isEqualTo(2);
    }

    private void publishAt(Duration time) {
        statuses.publishDue(List.of(dormant), time.toNanos());
    }
}
