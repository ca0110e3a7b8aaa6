package io.shoal.swarm.ownership;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.DeadHeaders;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the records of this worker. It must never hold the ownership thread up while Kafka is unavailable: a record that
 * cannot be accepted soon is refused. Used by the ownership thread only, except for its counters.
 */
final class WorkerProducer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProducer.class);

    private static final int DELIVERY_MS = 30_000;

    private final Supplier<Producer<String, byte[]>> producers;
    private final Map<Topic, LongAdder> accepted =
            Map.of(Topic.STATUS, new LongAdder(), Topic.PROGRESS, new LongAdder());
    private @Nullable Producer<String, byte[]> open;

    WorkerProducer(OwnershipConfig config) {
        this(() -> producer(config));
    }

    WorkerProducer(Supplier<Producer<String, byte[]>> producers) {
        this.producers = producers;
    }

    /**
     * Returns the producer, which is made when it is first used: while no name of a broker resolves none can be made, and the worker
     * must start all the same.
     *
     * @throws KafkaException none can be made now
     */
    private Producer<String, byte[]> producer() {
        Producer<String, byte[]> known = open;
        if (known == null) {
            known = producers.get();
            open = known;
        }
        return known;
    }

    private static Producer<String, byte[]> producer(OwnershipConfig config) {
        Map<String, Object> producer = config.kafka().producer("status-" + config.worker());
        producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Duration.ofMillis(500).toMillis());
        // A hand-over waits for records in flight, and must end in time.
        producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        producer.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_MS / 2);
        producer.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return new KafkaProducer<>(producer, new StringSerializer(), new ByteArraySerializer());
    }

    /** The state of one call of the producer; confined to the calling thread. */
    private static final class SendAttempt {
        private boolean isInCall = true;
        private boolean isRefused;
    }

    /**
     * Sends a record to a partition.
     *
     * @param after receives whether an accepted record was delivered, on any thread
     * @return false if the record cannot be sent now: the producer has no room, or does not know the partition's leader
     */
    boolean send(Topic topic, int partition, String key, byte @Nullable [] value, Consumer<Boolean> after) {
        Thread here = Thread.currentThread();
        SendAttempt attempt = new SendAttempt();
        try {
            var record = new ProducerRecord<>(topic.topicName(), partition, key, value);
            var _ = producer().send(record, (sent, failure) -> {
                // The producer reports this before it returns; an accepted record ends on the producer's own thread.
                if (failure instanceof TimeoutException && Thread.currentThread() == here && attempt.isInCall) {
                    attempt.isRefused = true;
                    return;
                }
                if (failure != null) {
                    LOG.warn("a record of {} for {} was not sent: {}", topic.topicName(), key, failure.getMessage());
                }
                after.accept(failure == null);
            });
            attempt.isInCall = false;
            if (!attempt.isRefused) {
                counter(topic).increment();
            }
            return !attempt.isRefused;
        } catch (KafkaException e) {
            LOG.warn("a record of {} for {} cannot be sent now: {}", topic.topicName(), key, e.getMessage());
            return false;
        }
    }

    /** Returns how many records of {@code topic} were accepted. Any thread. */
    long accepted(Topic topic) {
        return counter(topic).sum();
    }

    private LongAdder counter(Topic topic) {
        return Objects.requireNonNull(accepted.get(topic));
    }

    /** Sends a record that cannot be parsed to the dead-letter topic. */
    void deadLetter(ConsumerRecord<String, byte[]> record, BadRecordException reason) {
        String why = String.valueOf(reason.getMessage());
        LOG.warn("a record of {} at offset {} cannot be parsed: {}", record.topic(), record.offset(), why);
        var dead =
                new ProducerRecord<>(Topic.DEAD_NAME, null, record.key(), record.value(), DeadHeaders.of(record, why));
        try {
            var _ = producer().send(dead, (sent, failure) -> {
                if (failure != null) {
                    LOG.warn("a dead record was not put aside: {}", failure.getMessage());
                }
            });
        } catch (KafkaException e) {
            LOG.warn("a dead record was not put aside: {}", e.getMessage());
        }
    }

    /** Waits until all records in flight are delivered or have failed. */
    void flush() {
        if (open != null) {
            open.flush();
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.close(Duration.ofSeconds(5));
        }
    }
}
