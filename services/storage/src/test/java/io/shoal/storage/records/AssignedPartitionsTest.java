package io.shoal.storage.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.shoal.contracts.topics.Topic;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestSchema;
import io.shoal.storage.catalog.ConsumerOffsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where reading begins, with offsets in the real database. */
@PlatformTest
class AssignedPartitionsTest {
    private static final TopicPartition PARTITION = new TopicPartition(Topic.STATUS_NAME, 0);

    private MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private TestSchema schema;
    private ConsumerOffsets offsets;
    private AssignedPartitions partitions;

    @BeforeEach
    void create() throws Exception {
        schema = new TestSchema("assigned_partitions_test");
        offsets = new ConsumerOffsets(schema.database());
        partitions = assigned("first");
    }

    @AfterEach
    void drop() {
        schema.close();
    }

    @Test
    void aPartitionOfWhichNothingWasTakenInIsReadFromItsBeginning() throws Exception {
        assertThat(begin(0, 0, 10)).isZero();
        assertThat(partitions.areCaughtUp()).isFalse();
    }

    @Test
    void aPartitionIsReadOnFromItsOffset() throws Exception {
        assertThat(begin(7, 0, 10)).isEqualTo(7);
        assertThat(partitions.areCaughtUp()).isFalse();
    }

    @Test
    void aPartitionThatHasNoMoreThanWasTakenInIsCaughtUp() throws Exception {
        assertThat(begin(10, 0, 10)).isEqualTo(10);
        assertThat(partitions.areCaughtUp()).isTrue();
    }

    @Test
    void aTopicThatWasCreatedAgainIsReadFromItsBeginning() throws Exception {
        assertThat(begin(11, 0, 10)).isZero();
        consumer.seek(PARTITION, 4);
        partitions.read(Objects.requireNonNull(partitions.get(PARTITION)));

        offsets.advance(partitions.unsaved());

        assertThat(offsets.load(List.of(id()))).containsEntry(id(), 4L);
    }

    @Test
    void aTopicThatWasCreatedAgainAndIsLongerThanBeforeIsReadFromItsBeginning() throws Exception {
        assertThat(begin(7, 0, 10)).isEqualTo(7);
        ConsumerOffsets.Advance ofTheFormerTopic = new ConsumerOffsets.Advance(id(), 7, 8);
        consumer = new MockConsumer<>("earliest");
        partitions = assigned("second");

        assertThat(begin(0, 10)).isZero();

        assertThatExceptionOfType(ConsumerOffsets.OffsetsMovedException.class)
                .isThrownBy(() -> offsets.advance(List.of(ofTheFormerTopic)));
    }

    @Test
    void aProcessThatReadsFromTheBeginningIsTheOnlyOneThatMovesTheOffset() throws Exception {
        assertThat(begin(11, 0, 10)).isZero();

        assertThatExceptionOfType(ConsumerOffsets.OffsetsMovedException.class)
                .isThrownBy(() -> offsets.advance(List.of(new ConsumerOffsets.Advance(id(), 11, 12))));
    }

    @Test
    void recordsThatAreDeletedAreSkipped() throws Exception {
        assertThat(begin(3, 5, 10)).isEqualTo(5);
    }

    @Test
    void aReplicaWithoutPartitionsIsCaughtUpOnceTheGroupHasAnswered() throws Exception {
        assertThat(partitions.areCaughtUp()).isFalse();
        partitions.onPartitionsAssigned(List.of());
        assertThat(partitions.areCaughtUp()).isTrue();
    }

    private AssignedPartitions assigned(String topicId) {
        return new AssignedPartitions(consumer, offsets, topics -> Map.of(PARTITION.topic(), topicId));
    }

    private static ConsumerOffsets.Partition id() {
        return new ConsumerOffsets.Partition(PARTITION.topic(), "first", PARTITION.partition());
    }

    /** Returns where reading begins if the database has {@code saved} and the broker the offsets from begin to end. */
    private long begin(long saved, long begin, long end) throws Exception {
        offsets.load(List.of(id()));
        offsets.advance(List.of(new ConsumerOffsets.Advance(id(), 0, saved)));
        return begin(begin, end);
    }

    private long begin(long begin, long end) throws Exception {
        consumer.updateBeginningOffsets(Map.of(PARTITION, begin));
        consumer.updateEndOffsets(Map.of(PARTITION, end));
        consumer.subscribe(List.of(PARTITION.topic()), partitions);
        consumer.rebalance(List.of(PARTITION));
        partitions.onPartitionsAssigned(List.of(PARTITION));
        assertThat(consumer.paused()).containsExactly(PARTITION);
        assertThat(partitions.isSeekDue()).isTrue();

        partitions.seek();

        assertThat(consumer.paused()).isEmpty();
        return consumer.position(PARTITION);
    }
}
