package io.shoal.tracker.records;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.shoal.contracts.records.BadRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * Reads compacted topics from the beginning and then follows them. They are state: no offset is committed, and what they
 * say is known once the ends that were seen at the start have been reached. While Kafka is away, what was read stays in force.
 */
final class StateReader {
    private static final Logger LOG = Logger.getLogger(StateReader.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final DeadRecords dead;
    private final Map<String, State> states;
    private final List<TopicPartition> partitions;
    private final Runnable turn;

    /**
     * @param partitions of every topic
     * @param turn is run before each poll
     */
    StateReader(
            Consumer<byte[], byte[]> consumer, DeadRecords dead, List<State> states, int partitions, Runnable turn) {
        this.turn = turn;
        this.consumer = consumer;
        this.dead = dead;
        this.states =
                states.stream().collect(toUnmodifiableMap(state -> state.topic().topicName(), state -> state));
        this.partitions = this.states.keySet().stream()
                .flatMap(topic ->
                        IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
    }

    /**
     * Returns when the thread is interrupted or the consumer woken up.
     *
     * @param caughtUp is run once, when all that was there at the start has been taken in
     * @throws KafkaException if Kafka cannot be reached before that: try again with a new consumer
     */
    void run(Runnable caughtUp) {
        try {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                poll();
            }
            caughtUp.run();
            while (true) {
                poll();
            }
        } catch (WakeupException | InterruptException e) {
            LOG.debug("no longer reading state", e);
        }
    }

    private void poll() {
        turn.run();
        for (ConsumerRecord<byte[], byte[]> read : consumer.poll(POLL)) {
            try {
                take(read);
            } catch (BadRecordException e) {
                dead.bury(read, String.valueOf(e.getMessage()));
            } catch (IllegalArgumentException e) { // its message may repeat the key, which may be a secret
                dead.bury(read, "the key is not one of " + read.topic());
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> read) throws BadRecordException {
        State state = states.get(read.topic());
        if (state == null || read.key() == null) {
            throw new BadRecordException("no key", null);
        }
        state.take(new String(read.key(), StandardCharsets.UTF_8), read.value());
    }
}
