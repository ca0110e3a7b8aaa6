package io.shoal.swarm.ownership;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.DeadHeaders;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
 * Publishes the status of slices. At most one status of each slice is in flight, so while Kafka is unavailable the
 * newest is kept in the slice itself and nothing queues up; a status that is not delivered is followed by the newest.
 * Used by the ownership thread only.
 */
final class StatusPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);

    private static final int DELIVERY_MS = 30_000;

    private final Supplier<Producer<String, byte[]>> producers;
    private @Nullable Producer<String, byte[]> open;
    private final String worker;
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    /** The result of sending a status. */
    private record Delivery(OwnedSlice slice, boolean succeeded) {}

    StatusPublisher(OwnershipConfig config) {
        this(config.worker(), () -> producer(config));
    }

    StatusPublisher(String worker, Supplier<Producer<String, byte[]>> producers) {
        this.worker = worker;
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

    /**
     * Publishes the status of every slice that is due. A slice with nothing to report is observed every few seconds
     * only: a worker has thousands of them.
     */
    void publishDue(Iterable<OwnedSlice> slices, long nanos) {
        for (Delivery delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.slice.sending = false;
            if (!delivery.succeeded) {
                delivery.slice.schedule.deliveryFailed();
            }
        }
        for (OwnedSlice slice : slices) {
            long changes = slice.changes();
            if (slice.sending || !slice.schedule.mustObserve(changes, nanos)) {
                continue;
            }
            SliceStatus now = slice.status();
            slice.schedule.observed(changes, nanos);
            if (slice.schedule.isDue(now, nanos)) {
                if (!send(slice, now)) {
                    return; // Kafka is unavailable: each of the others would only wait as long
                }
                slice.schedule.published(now, nanos);
            }
        }
    }

    /** Publishes the status of {@code slice}, whether it is due or not. @return false if Kafka is unavailable */
    boolean send(OwnedSlice slice, SliceStatus now) {
        slice.sending = true;
        boolean queued =
                send(slice.partition, slice.keyText, Json.write(now.toRecord(worker, slice.epoch)), succeeded -> {
                    deliveries.add(new Delivery(slice, succeeded));
                });
        if (!queued) {
            slice.sending = false;
        }
        return queued;
    }

    /** Removes the key from {@code status}. */
    void sendTombstone(OwnedSlice slice) {
        send(slice.partition, slice.keyText, null, succeeded -> {});
    }

    /** Waits until all records in flight are delivered or have failed. */
    void flush() {
        if (open != null) {
            open.flush();
        }
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

    /** The state of one call of the producer; confined to the calling thread. */
    private static final class SendAttempt {
        private boolean isInCall = true;
        private boolean isRefused;
    }

    /**
     * Returns false if the record cannot be sent now: the producer has no room, or does not know the partition's
     * leader.
     */
    private boolean send(int partition, String key, byte @Nullable [] value, Consumer<Boolean> after) {
        Thread here = Thread.currentThread();
        SendAttempt attempt = new SendAttempt();
        try {
            var _ = producer().send(new ProducerRecord<>(Topic.STATUS_NAME, partition, key, value), (sent, failure) -> {
                // The producer reports this before it returns; an accepted record ends on the producer's own thread.
                if (failure instanceof TimeoutException && Thread.currentThread() == here && attempt.isInCall) {
                    attempt.isRefused = true;
                    return;
                }
                if (failure != null) {
                    LOG.warn("the status of {} was not sent: {}", key, failure.getMessage());
                }
                after.accept(failure == null);
            });
            attempt.isInCall = false;
            return !attempt.isRefused;
        } catch (KafkaException e) {
            LOG.warn("the status of {} cannot be sent now: {}", key, e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.close(Duration.ofSeconds(5));
        }
    }
}
