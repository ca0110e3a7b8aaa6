package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Which slices the records of progress name, by a clock that the test turns. */
class ProgressPublisherTest {
    private static final Duration CYCLE = Duration.ofMillis(200);
    private static final long RATE = 1_000_000;

    private final MockProducer<String, byte[]> kafka =
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    private final OwnedPartition partition = new OwnedPartition(3, 0, 0);
    private final OwnedPartition other = new OwnedPartition(4, 0, 0);
    private ProgressPublisher publisher = new ProgressPublisher("worker", new WorkerProducer(() -> kafka));
    private long nanos;

    private static SliceKey own(OwnedPartition partition, FakeSlice slice) {
        SliceKey key = OwnershipTest.key();
        OwnedSlice owned = new OwnedSlice(
                key, partition.number(), OwnershipTest.slice(1, 1), null, (k, wanted, last, epoch) -> slice);
        owned.start();
        partition.owned().put(key, owned);
        return key;
    }

    private static FakeSlice downloading() {
        FakeSlice slice = FakeSlice.dormant();
        slice.setStatus(FakeSlice.status(1, 1, State.DOWNLOADING, 0));
        return slice;
    }

    private void cycle() {
        nanos += CYCLE.toNanos();
        publisher.publishDue(List.of(partition, other), nanos);
    }

    private void pass(Duration time) {
        for (long i = time.dividedBy(CYCLE); i > 0; i--) {
            cycle();
        }
    }

    private List<ProgressRecord> records(OwnedPartition of) throws Exception {
        List<ProgressRecord> records = new ArrayList<>();
        for (ProducerRecord<String, byte[]> record : kafka.history()) {
            assertThat(record.topic()).isEqualTo(Topic.PROGRESS_NAME);
            if (record.partition() == of.number()) {
                records.add(Json.read(record.value(), ProgressRecord.class));
            }
        }
        return records;
    }

    private List<ProgressRecord.Slice> entries(OwnedPartition of) throws Exception {
        return records(of).stream().flatMap(record -> record.slices().stream()).toList();
    }

    @Test
    void oneRecordASecondNamesTheSlicesOfAPartitionThatMoved() throws Exception {
        FakeSlice fast = downloading();
        FakeSlice slow = downloading();
        SliceKey fastKey = own(partition, fast);
        own(partition, slow);
        own(partition, FakeSlice.dormant());
        own(other, downloading());
        cycle();
        assertThat(records(partition)).singleElement().satisfies(record -> {
            assertThat(record.worker()).isEqualTo("worker");
            assertThat(record.slices()).as("each once, with its epoch").hasSize(3);
        });
        kafka.clear();

        for (int second = 0; second < 10; second++) {
            fast.transfer(RATE, 0, new Rates(RATE, 0));
            pass(Duration.ofSeconds(1));
        }
        assertThat(records(partition))
                .hasSize(10)
                .allSatisfy(record -> assertThat(record.slices())
                        .extracting(ProgressRecord.Slice::key)
                        .containsExactly(fastKey.toString()));
        assertThat(entries(partition).getLast().totals()).isEqualTo(fast.totals());
        assertThat(entries(partition).getLast().rates().down()).isEqualTo(RATE);
        assertThat(records(other)).isEmpty();
    }

    @Test
    void whatFlowsIsNamedAtLeastAsOftenAsReadersExpect() throws Exception {
        FakeSlice downloads = downloading();
        FakeSlice uploads = FakeSlice.dormant();
        String down = own(partition, downloads).toString();
        String up = own(other, uploads).toString();
        downloads.transfer(0, 0, new Rates(0, RATE));
        uploads.transfer(0, 0, new Rates(0, RATE));
        pass(Duration.ofMinutes(2));
        long seconds = 120;
        assertThat(entries(partition))
                .allSatisfy(entry -> assertThat(entry.key()).isEqualTo(down))
                .hasSizeGreaterThanOrEqualTo((int) (seconds / ProgressRecord.DOWNLOADING_EVERY.toSeconds()));
        assertThat(entries(other))
                .allSatisfy(entry -> assertThat(entry.key()).isEqualTo(up))
                .hasSizeBetween((int) (seconds / ProgressRecord.UPLOADING_EVERY.toSeconds()), (int) (seconds / 2));
    }

    @Test
    void aSliceThatComesToRestIsNamedOnceMore() throws Exception {
        FakeSlice slice = FakeSlice.dormant();
        own(partition, slice);
        slice.setPeers(new Peers(2, 1, 1_500));
        slice.transfer(0, RATE, new Rates(0, RATE));
        cycle();
        slice.setPeers(Peers.NONE);
        slice.transfer(0, 5, Rates.ZERO);
        kafka.clear();
        pass(Duration.ofHours(1));
        assertThat(entries(partition)).singleElement().satisfies(entry -> {
            assertThat(entry.rates()).isEqualTo(Rates.ZERO);
            assertThat(entry.peers()).isEqualTo(Peers.NONE);
            assertThat(entry.totals().up()).isEqualTo(RATE + 5);
        });
    }

    @Test
    void aBlockThatIsSentSoonAfterARecordIsCountedAsSoonAsAnyOther() throws Exception {
        FakeSlice slice = FakeSlice.dormant();
        own(partition, slice);
        cycle();
        kafka.clear();
        slice.transfer(0, 5, Rates.ZERO);
        pass(ProgressRecord.UPLOADING_EVERY);
        assertThat(entries(partition))
                .singleElement()
                .satisfies(entry -> assertThat(entry.totals().up()).isEqualTo(5));
    }

    @Test
    void allSlicesThatMoveAreNamedAtRestWhenTheyLeave() throws Exception {
        FakeSlice busy = downloading();
        busy.transfer(RATE, 0, new Rates(RATE, 0));
        int count = 2 * ProgressRecord.SLICES_MAX + 1;
        for (int i = 0; i < count; i++) {
            own(partition, busy);
        }
        pass(Duration.ofSeconds(1));
        kafka.clear();
        publisher.publishAtRest(partition.number(), partition.owned().values(), nanos);
        assertThat(records(partition))
                .allSatisfy(record -> assertThat(record.slices()).hasSizeLessThanOrEqualTo(ProgressRecord.SLICES_MAX));
        assertThat(entries(partition))
                .hasSize(count)
                .allSatisfy(entry -> assertThat(entry.rates()).isEqualTo(Rates.ZERO));
    }

    @Test
    void peersOfAnIdleSliceAreFoundAfterAWhile() throws Exception {
        FakeSlice slice = FakeSlice.dormant();
        own(partition, slice);
        cycle();
        kafka.clear();
        slice.setPeers(new Peers(1, 0, 0));
        pass(ProgressSchedule.QUIET.plusSeconds(1));
        assertThat(entries(partition))
                .singleElement()
                .satisfies(entry -> assertThat(entry.peers().connected()).isEqualTo(1));
    }

    @Test
    void tenThousandDormantSeedsAreHardlyObservedAndNotNamed() throws Exception {
        FakeSlice quiet = FakeSlice.dormant();
        for (int i = 0; i < 10_000; i++) {
            own(partition, quiet);
        }
        pass(Duration.ofSeconds(11));
        assertThat(entries(partition)).as("each once").hasSize(10_000);
        kafka.clear();
        quiet.figuresObserved.set(0);
        for (int second = 0; second < 60; second++) {
            quiet.seed(1);
            pass(Duration.ofSeconds(1));
        }
        assertThat(kafka.history()).isEmpty();
        assertThat(quiet.figuresObserved.get()).isLessThanOrEqualTo(7 * 10_000);
    }

    @Test
    void recordsAreSplitAndEachSliceHasItsTurn() throws Exception {
        FakeSlice busy = downloading();
        for (int i = 0; i < 2_500; i++) {
            own(partition, busy);
        }
        for (int second = 0; second < 3; second++) {
            busy.transfer(RATE, 0, new Rates(RATE, 0));
            pass(Duration.ofSeconds(1));
        }
        assertThat(records(partition))
                .hasSize(9)
                .allSatisfy(record -> assertThat(record.slices()).hasSizeLessThanOrEqualTo(ProgressRecord.SLICES_MAX));
        assertThat(entries(partition)).hasSize(7_500);
    }

    @Test
    void whileKafkaIsAwayNothingQueuesUpAndTheNewestFiguresFollow() throws Exception {
        MockProducer<String, byte[]> away =
                new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
        publisher = new ProgressPublisher("worker", new WorkerProducer(() -> away));
        FakeSlice slice = downloading();
        own(partition, slice);
        for (int second = 0; second < 100; second++) {
            slice.transfer(RATE, 0, new Rates(RATE, 0));
            pass(Duration.ofSeconds(1));
        }
        assertThat(away.history()).as("one of a partition at a time").hasSize(1);
        slice.transfer(0, 0, Rates.ZERO);
        away.errorNext(new TimeoutException("Kafka was away"));
        cycle();
        assertThat(away.history()).hasSize(2);
        ProgressRecord newest = Json.read(away.history().getLast().value(), ProgressRecord.class);
        assertThat(newest.slices().getFirst().totals()).isEqualTo(slice.totals());
        away.completeNext();
        pass(Duration.ofMinutes(1));
        assertThat(away.history()).hasSize(2);
    }

    @Test
    void aRefusedRecordIsTriedOnceASecond() {
        UnavailableProducer refusing = new UnavailableProducer();
        refusing.away = true;
        publisher = new ProgressPublisher("worker", new WorkerProducer(() -> refusing));
        own(partition, FakeSlice.dormant());
        own(other, FakeSlice.dormant());
        pass(Duration.ofSeconds(10));
        assertThat(refusing.refused()).isBetween(10, 20);
        refusing.away = false;
        pass(Duration.ofSeconds(1));
        assertThat(refusing.history()).hasSize(2);
    }

    /** The engine's figures are as old as its last tick, once a second. */
    @Test
    void atAnyMomentLessThanFiveSecondsOfTrafficAreUncounted() throws Exception {
        FakeSlice slice = FakeSlice.dormant();
        own(partition, slice);
        pass(Duration.ofSeconds(17));
        long most = 0;
        long sent = 0;
        for (int step = 0; step < 3_000; step++) {
            sent += RATE * CYCLE.toMillis() / 1_000;
            ProducerRecord<String, byte[]> last = kafka.history().getLast();
            long counted = Json.read(last.value(), ProgressRecord.class)
                    .slices()
                    .getFirst()
                    .totals()
                    .up();
            most = Math.max(most, sent - counted);
            if (step % 5 == 4) {
                slice.transfer(0, sent - slice.totals().up(), new Rates(0, RATE));
            }
            cycle();
        }
        assertThat(most).isBetween(RATE, 5 * RATE);
    }
}
