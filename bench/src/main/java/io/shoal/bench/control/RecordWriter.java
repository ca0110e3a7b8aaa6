package io.shoal.bench.control;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Writes records to Kafka, many of them fast. One thread. */
final class RecordWriter implements AutoCloseable {
    private static final int LOOK_EVERY = 1_000;
    private static final long SAY_NANOS = 10_000_000_000L;

    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    RecordWriter(String brokers) {
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ProducerConfig.LINGER_MS_CONFIG,
                        20,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        128 << 10),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    void write(ProducerRecord<String, byte[]> record) {
        Future<RecordMetadata> _ = producer.send(record, (written, problem) -> {
            if (problem != null) {
                failure.compareAndSet(null, problem);
            }
        });
    }

    /** Writes the records of the numbers from 0; returns when the broker has them all. */
    void writeAll(Deadline deadline, String what, int count, IntFunction<ProducerRecord<String, byte[]>> record)
            throws IOException {
        Run.say("writing %,d %s".formatted(count, what));
        long said = System.nanoTime();
        for (int number = 0; number < count; number++) {
            write(record.apply(number));
            if (number % LOOK_EVERY == 0) {
                check();
                if (deadline.hasPassed() || Thread.currentThread().isInterrupted()) {
                    throw new IOException("writing records was ended by the limit of the run, or by a signal");
                }
                if (System.nanoTime() - said > SAY_NANOS) {
                    said = System.nanoTime();
                    Run.say("  %,d of %,d %s".formatted(number, count, what));
                }
            }
        }
        flush();
    }

    /** Returns when the broker has all that was written. */
    void flush() throws IOException {
        producer.flush();
        check();
    }

    private void check() throws IOException {
        Exception problem = failure.get();
        if (problem != null) {
            throw new IOException("Kafka does not take records", problem);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
