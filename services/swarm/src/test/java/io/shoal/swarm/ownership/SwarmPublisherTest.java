package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.DemandRecord.Inspect;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Which swarms leave a worker, and when, by a clock that the test turns. */
class SwarmPublisherTest {
    private static final Duration CYCLE = Duration.ofMillis(200);
    private static final int PARTITION = 3;

    private final MockProducer<String, byte[]> kafka =
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    private final OwnedPartition partition = new OwnedPartition(PARTITION, 0, 0);
    private final SliceKey key = OwnershipTest.key();
    private final FakeSlice slice = FakeSlice.dormant();
    private final Map<Integer, OwnedPartition> partitions = Map.of(PARTITION, partition);
    private long nanos = 1_790_000_000_000_000_000L;
    private final Inspections inspections = new Inspections(() -> nanos / 1_000_000);
    private SwarmPublisher publisher = new SwarmPublisher("worker", new WorkerProducer(() -> kafka), inspections);

    SwarmPublisherTest() {
        own(key, slice);
    }

    private void own(SliceKey of, FakeSlice run) {
        OwnedSlice owned =
                new OwnedSlice(of, PARTITION, OwnershipTest.slice(2, 1), null, (k, wanted, last, epoch) -> run);
        owned.start();
        partition.owned().put(of, owned);
    }

    private void ask(SliceKey of, long gen) {
        inspections.add(of, PARTITION, new Inspect(1, new Generation(gen), nanos / 1_000_000 + 15_000));
    }

    private void pass(Duration time) {
        for (long i = time.dividedBy(CYCLE); i > 0; i--) {
            nanos += CYCLE.toNanos();
            publisher.publishDue(partitions, nanos);
        }
    }

    private static List<SwarmReport> swarms(MockProducer<String, byte[]> producer) throws Exception {
        List<SwarmReport> swarms = new ArrayList<>();
        for (ProducerRecord<String, byte[]> record : producer.history()) {
            assertThat(record.topic()).isEqualTo(Topic.PROGRESS_NAME);
            assertThat(record.partition()).isEqualTo(PARTITION);
            swarms.add(Objects.requireNonNull(
                    Json.read(record.value(), ProgressRecord.class).swarm()));
        }
        return swarms;
    }

    @Test
    void aSwarmIsPublishedEachSecondUntilTheDemandLapses() throws Exception {
        pass(Duration.ofSeconds(10));
        assertThat(slice.inspections).as("before a user looks").hasValue(0);
        ask(key, 2);
        pass(Duration.ofMillis(400));
        assertThat(swarms(kafka)).as("the first one soon").singleElement().satisfies(swarm -> {
            assertThat(swarm.key()).isEqualTo(key.toString());
            assertThat(swarm.gen()).isEqualTo(new Generation(2));
            assertThat(swarm.epoch()).isEqualTo(1);
        });
        pass(Duration.ofSeconds(10));
        assertThat(swarms(kafka)).hasSize(11);
        pass(Duration.ofSeconds(20));
        assertThat(swarms(kafka)).as("of 15 seconds").hasSizeBetween(14, 16);
        long asked = slice.inspections.get();
        pass(Duration.ofMinutes(1));
        assertThat(slice.inspections).hasValue(asked);
    }

    @Test
    void anotherGenerationAndSlicesOfOtherOwnersAreNotLookedAt() throws Exception {
        ask(key, 1);
        ask(OwnershipTest.key(), 2);
        pass(Duration.ofSeconds(5));
        assertThat(slice.inspections).hasValue(0);
        ask(key, 3);
        pass(Duration.ofSeconds(5));
        assertThat(slice.inspections).hasValue(0);
        assertThat(swarms(kafka)).isEmpty();
    }

    @Test
    void aSliceThatLeavesIsPublishedNoMore() throws Exception {
        ask(key, 2);
        pass(Duration.ofSeconds(1));
        kafka.clear();
        partition.owned().clear();
        pass(Duration.ofSeconds(10));
        assertThat(swarms(kafka)).isEmpty();
    }

    @Test
    void aSliceThatDoesNotAnswerOrFailsHoldsNoOtherUp() throws Exception {
        slice.swarm = new CompletableFuture<>();
        SliceKey failing = OwnershipTest.key();
        FakeSlice fails = FakeSlice.dormant();
        fails.swarm = CompletableFuture.failedFuture(new IllegalStateException("of the test"));
        own(failing, fails);
        SliceKey fine = OwnershipTest.key();
        own(fine, FakeSlice.dormant());
        ask(key, 2);
        ask(failing, 2);
        ask(fine, 2);
        pass(Duration.ofSeconds(10));
        assertThat(swarms(kafka))
                .hasSizeGreaterThan(8)
                .extracting(SwarmReport::key)
                .containsOnly(fine.toString());
        assertThat(slice.inspections).as("asked again, and not each second").hasValueBetween(2, 3);
    }

    @Test
    void whileKafkaIsAwayNothingQueuesUp() throws Exception {
        MockProducer<String, byte[]> away =
                new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
        publisher = new SwarmPublisher("worker", new WorkerProducer(() -> away), inspections);
        ask(key, 2);
        pass(Duration.ofSeconds(10));
        assertThat(swarms(away)).hasSize(1);
        away.completeNext();
        pass(CYCLE);
        assertThat(swarms(away)).hasSize(2);
    }

    @Test
    void aKafkaThatRefusesIsTriedOnceACycle() {
        UnavailableProducer refusing = new UnavailableProducer();
        refusing.away = true;
        publisher = new SwarmPublisher("worker", new WorkerProducer(() -> refusing), inspections);
        ask(key, 2);
        for (int i = 0; i < 10; i++) {
            SliceKey other = OwnershipTest.key();
            own(other, FakeSlice.dormant());
            ask(other, 2);
        }
        pass(Duration.ofSeconds(2));
        assertThat(refusing.refused()).isLessThanOrEqualTo(10);
    }
}
