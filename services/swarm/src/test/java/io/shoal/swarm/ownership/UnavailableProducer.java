package io.shoal.swarm.ownership;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The producer of a Kafka that accepts records until it is unavailable; then it fails as the real one does, through the
 * callback and before it returns.
 */
final class UnavailableProducer extends MockProducer<String, byte[]> {
    volatile boolean away;
    private int refused;

    UnavailableProducer() {
        super(true, null, new StringSerializer(), new ByteArraySerializer());
    }

    /** Records that it did not take. */
    synchronized int refused() {
        return refused;
    }

    @Override
    public synchronized Future<RecordMetadata> send(
            ProducerRecord<String, byte[]> record, @Nullable Callback callback) {
        if (!away) {
            return super.send(record, callback);
        }
        refused++;
        TimeoutException refusal = new TimeoutException("no metadata");
        Objects.requireNonNull(callback).onCompletion(null, refusal);
        return CompletableFuture.failedFuture(refusal);
    }
}
