package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.topics.Topic;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What becomes of slices whose past figures are missing. {@link OwnershipTest} reads those of a real broker. */
class ProgressHistoryTest {
    private static final TopicPartition PARTITION = new TopicPartition(Topic.PROGRESS_NAME, 3);

    private final MockConsumer<String, byte[]> kafka = new MockConsumer<>("earliest") {
        @Override
        public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> times) {
            return times.keySet().stream()
                    .collect(Collectors.toMap(each -> each, each -> new OffsetAndTimestamp(0, 0)));
        }
    };

    private final ProgressHistory history = new ProgressHistory(() -> kafka);

    @Test
    void aPastThatCannotBeReadHoldsNoSliceUp() {
        kafka.updateEndOffsets(Map.of(PARTITION, 1L));
        history.add(List.of(PARTITION.partition()));
        assertThat(history.isRead(PARTITION.partition())).isFalse();

        kafka.setPollException(new KafkaException("a record is damaged"));
        history.read(record -> {});
        assertThat(history.isRead(PARTITION.partition())).isTrue();
        assertThat(kafka.closed()).isTrue();
    }
}
