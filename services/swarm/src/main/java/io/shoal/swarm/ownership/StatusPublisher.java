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
 * Sends what is told of slices. Of each slice at most one status is on its way, so while Kafka is away the newest is kept in
 * the slice itself and nothing queues up; one that does not arrive is followed by the newest. Used by the ownership thread only.
 */
final class StatusPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);

    private static final int DELIVERY_MS = 30_000;

    private final Producer<String, byte[]> producer;
    private final String worker;
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    /** A status that is on its way no more. */
    private record Delivery(OwnedSlice slice, boolean succeeded) {}

    StatusPublisher(OwnershipConfig config) {
        this(config.worker(), producer(config));
    }

    StatusPublisher(String worker, Producer<String, byte[]> producer) {
        this.worker = worker;
        this.producer = producer;
    }

    private static Producer<String, byte[]> producer(OwnershipConfig config) {
        Map<String, Object> producer = config.kafka().producer("status-" + config.worker());
        producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Duration.ofMillis(500).toMillis());
        // A hand-over waits for what is on its way, and must end in time.
        producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        producer.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_MS / 2);
        producer.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return new KafkaProducer<>(producer, new StringSerializer(), new ByteArraySerializer());
    }

    /** Tells of every slice whose time has come. */
    void publishDue(Iterable<OwnedSlice> slices, long nanos) {
        for (Delivery delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.slice.sending = false;
            if (!delivery.succeeded) {
                delivery.slice.schedule.deliveryFailed();
            }
        }
        for (OwnedSlice slice : slices) {
            SliceStatus now = slice.status();
            if (!slice.sending && slice.schedule.isDue(now, nanos)) {
                if (!send(slice, now)) {
                    return; // Kafka is away: the rest would only wait as long, one after the other
                }
                slice.schedule.published(now, nanos);
            }
        }
    }

    /** Tells of {@code slice} whether it is due or not. */
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

    /** Nothing is known of this key any more. */
    void sendTombstone(OwnedSlice slice) {
        send(slice.partition, slice.keyText, null, succeeded -> {});
    }

    /** What was sent has arrived, or cannot, when this returns. */
    void flush() {
        producer.flush();
    }

    /** A record that cannot be parsed is put aside. */
    void deadLetter(ConsumerRecord<String, byte[]> record, BadRecordException reason) {
        String why = String.valueOf(reason.getMessage());
        LOG.warn("a record of {} at offset {} cannot be parsed: {}", record.topic(), record.offset(), why);
        var dead =
                new ProducerRecord<>(Topic.DEAD_NAME, null, record.key(), record.value(), DeadHeaders.of(record, why));
        try {
            var _ = producer.send(dead, (sent, failure) -> {
                if (failure != null) {
                    LOG.warn("a dead record was not put aside: {}", failure.getMessage());
                }
            });
        } catch (KafkaException e) {
            LOG.warn("a dead record was not put aside: {}", e.getMessage());
        }
    }

    /** What became of a record while it was handed over; of the thread that does it. */
    private static final class SendAttempt {
        private boolean isInCall = true;
        private boolean isRefused;
    }

    /** False if it cannot be sent now: the producer has no room, or has not heard from Kafka where it goes. */
    private boolean send(int partition, String key, byte @Nullable [] value, Consumer<Boolean> after) {
        Thread here = Thread.currentThread();
        SendAttempt attempt = new SendAttempt();
        try {
            var _ = producer.send(new ProducerRecord<>(Topic.STATUS_NAME, partition, key, value), (sent, failure) -> {
                // The producer says so before it returns; what it has taken ends in a thread of its own.
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
        producer.close(Duration.ofSeconds(5));
    }
}
