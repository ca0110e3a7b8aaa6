package io.shoal.intake.records;

import io.shoal.contracts.records.DeadHeaders;
import io.shoal.contracts.topics.Topic;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Sends unreadable records to the topic of dead records: the original bytes as the value, the rest in headers. */
@ApplicationScoped
class DeadLetters {
    private static final Logger LOG = Logger.getLogger(DeadLetters.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Emitter<byte[]> dead;

    /** The buffer is bounded by the number of callers, because each of them waits. */
    DeadLetters(@Channel("dead") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) Emitter<byte[]> dead) {
        this.dead = dead;
    }

    /** As {@link #deadLetter(ConsumerRecord, String, Runnable)}, for a caller that is not watched. */
    void deadLetter(ConsumerRecord<String, byte[]> record, String reason) {
        deadLetter(record, reason, () -> {});
    }

    /**
     * Sends {@code record}, which breaks the rule that {@code reason} names, to the dead records. Returns when it is acknowledged,
     * however long Kafka is away; a record that is too large for the topic is only logged, with its position.
     *
     * @param turn is run before each attempt
     */
    void deadLetter(ConsumerRecord<String, byte[]> record, String reason, Runnable turn) {
        LOG.errorf("%s-%d@%d is unreadable: %s", record.topic(), record.partition(), record.offset(), reason);
        var metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withKey(record.key() == null ? "" : record.key())
                .withHeaders(DeadHeaders.of(record, reason))
                .build();
        byte[] bytes = record.value() == null ? new byte[0] : record.value();
        try {
            turn.run();
            while (!isDone(record, send(bytes, metadata))) {
                Thread.sleep(PAUSE);
                turn.run();
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static boolean isDone(ConsumerRecord<String, byte[]> record, Future<@Nullable Void> sent)
            throws InterruptedException {
        try {
            sent.get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                LOG.errorf(
                        "%s-%d@%d is too large to be put aside", record.topic(), record.partition(), record.offset());
                return true;
            }
            LOG.warnf("%s cannot be reached, trying again: %s", Topic.DEAD_NAME, e.getCause());
            return false;
        }
    }

    private Future<@Nullable Void> send(byte[] bytes, OutgoingKafkaRecordMetadata<String> metadata) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        dead.send(Message.of(
                bytes,
                Metadata.of(metadata),
                () -> {
                    sent.complete(null);
                    return CompletableFuture.completedFuture(null);
                },
                failure -> {
                    sent.completeExceptionally(failure);
                    return CompletableFuture.completedFuture(null);
                }));
        return sent;
    }
}
