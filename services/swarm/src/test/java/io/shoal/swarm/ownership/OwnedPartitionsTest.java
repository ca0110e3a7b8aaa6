package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an owner publishes after what it has read, by a clock that the test turns. */
class OwnedPartitionsTest {
    private static final int PARTITION = 3;
    private static final int OTHER = 4;
    private static final PastReader READ = new PastReader() {
        @Override
        public long slicesPosition(int partition) {
            return 0;
        }

        @Override
        public long statusPosition(int partition) {
            return 0;
        }

        @Override
        public boolean isProgressRead(int partition) {
            return true;
        }
    };

    private final UnavailableProducer kafka = new UnavailableProducer();
    private final FakeSliceFactory work = new FakeSliceFactory();
    private final SliceKey key = OwnershipTest.key();
    private long nanos = 1_790_000_000_000_000_000L;
    private final OwnedPartitions partitions = new OwnedPartitions(
            new OwnershipConfig(
                    KafkaClientConfig.of(Map.of("bootstrap.servers", "localhost:9")),
                    "worker",
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    500),
            work,
            new WorkerProducer(() -> kafka),
            new Inspections(() -> nanos / 1_000_000),
            () -> nanos);

    OwnedPartitionsTest() {
        for (int partition : new int[] {PARTITION, OTHER}) {
            partitions.assigned(partition, 0, 0);
        }
        partitions.catchUp(READ);
        pass(Duration.ZERO); // slices are started at a rate, from the first cycle on
    }

    @Test
    void aKafkaThatIsAwayIsTriedOnceACycleForWhatIsUnwanted() {
        List<SliceKey> unwanted = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            unwanted.add(OwnershipTest.key());
            statusRead(i % 2 == 0 ? PARTITION : OTHER, unwanted.getLast(), status(3));
        }
        pass(Duration.ZERO);
        kafka.away = true;
        pass(UnwantedStatuses.DELAY);
        assertThat(kafka.refused()).isEqualTo(1);
        pass(Duration.ofSeconds(1));
        assertThat(kafka.refused()).isEqualTo(2);

        kafka.away = false;
        pass(Duration.ofSeconds(1));
        assertThat(tombstones()).containsExactlyInAnyOrderElementsOf(texts(unwanted));
    }

    @Test
    void theTombstonesOfACycleAreBoundedOverAllPartitions() {
        for (int i = 0; i < 2 * UnwantedStatuses.AT_ONCE; i++) {
            statusRead(i % 2 == 0 ? PARTITION : OTHER, OwnershipTest.key(), status(3));
        }
        pass(Duration.ZERO);
        pass(UnwantedStatuses.DELAY);
        assertThat(tombstones()).hasSize(UnwantedStatuses.AT_ONCE);
        pass(Duration.ofSeconds(1));
        assertThat(tombstones()).hasSize(2 * UnwantedStatuses.AT_ONCE).doesNotHaveDuplicates();
    }

    @Test
    void theStatusOfASliceWhoseRecordCannotBeParsedIsKeptForTheNextRecord() {
        SliceKey gone = OwnershipTest.key();
        byte[] bad = "{\"v\":1,\"gen\":0}".getBytes(StandardCharsets.UTF_8);
        sliceRead(gone, bad);
        for (SliceKey each : List.of(key, gone)) {
            statusRead(PARTITION, each, status(3));
            sliceRead(each, bad);
        }
        statusRead(PARTITION, key, status(3));
        sliceRead(gone, null);
        pass(Duration.ZERO);
        pass(UnwantedStatuses.DELAY);
        assertThat(tombstones()).containsExactly(gone.toString());

        sliceRead(key, Json.write(OwnershipTest.slice(1, 2)));
        pass(Duration.ofSeconds(1));
        FakeSlice run = work.runs(key).getFirst();
        assertThat(run.epoch).isEqualTo(4);
        assertThat(Objects.requireNonNull(run.last).stored().contains(7)).isTrue();
    }

    @Test
    void aStatusThatAFormerOwnerRemovesIsPublishedAgain() {
        sliceRead(key, Json.write(OwnershipTest.slice(1, 1)));
        pass(Duration.ofSeconds(1));
        work.runs(key).getFirst().setStatus(FakeSlice.status(1, 1, StatusRecord.State.SEEDING, 0));
        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(10));
        int before = statuses();

        statusRead(PARTITION, key, null);
        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(10));
        assertThat(statuses()).as("once").isEqualTo(before + 1);
        assertThat(tombstones()).isEmpty();
    }

    /** The tombstone that it has sent itself is read when the slice is wanted again. */
    @Test
    void anOwnersOwnTombstoneIsAnsweredOnce() {
        sliceRead(key, Json.write(OwnershipTest.slice(1, 1)));
        pass(Duration.ofSeconds(1));
        sliceRead(key, null);
        sliceRead(key, Json.write(OwnershipTest.slice(1, 2)));
        pass(Duration.ofSeconds(1));
        work.runs(key).getLast().setStatus(FakeSlice.status(1, 2, StatusRecord.State.SEEDING, 0));
        pass(Duration.ofSeconds(10));
        assertThat(tombstones()).containsExactly(key.toString());
        int before = statuses();

        statusRead(PARTITION, key, null);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(10));
        }
        assertThat(statuses()).isEqualTo(before + 1);
        assertThat(tombstones()).hasSize(1);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        partitions.startAndPublish();
    }

    private static byte[] status(long epoch) {
        return Json.write(FakeSlice.status(1, 1, StatusRecord.State.SEEDING, 7).toRecord("before", epoch));
    }

    private void sliceRead(SliceKey of, byte @Nullable [] value) {
        partitions.sliceRead(new ConsumerRecord<>(Topic.SLICES_NAME, PARTITION, 0, of.toString(), value));
    }

    private void statusRead(int partition, SliceKey of, byte @Nullable [] value) {
        partitions.statusRead(new ConsumerRecord<>(Topic.STATUS_NAME, partition, 0, of.toString(), value));
    }

    private List<String> tombstones() {
        return kafka.history().stream()
                .filter(record -> record.topic().equals(Topic.STATUS_NAME) && record.value() == null)
                .map(ProducerRecord::key)
                .toList();
    }

    private int statuses() {
        return (int) kafka.history().stream()
                .filter(record -> record.topic().equals(Topic.STATUS_NAME) && record.value() != null)
                .count();
    }

    private static List<String> texts(List<SliceKey> keys) {
        return keys.stream().map(SliceKey::toString).toList();
    }
}
