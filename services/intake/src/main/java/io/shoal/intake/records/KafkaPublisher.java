package io.shoal.intake.records;

import io.shoal.intake.outbox.Publisher;
import io.smallrye.reactive.messaging.kafka.Record;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * Sends desired state, all topics through one producer. A send that the broker does not acknowledge within the delivery timeout has
 * failed.
 */
@ApplicationScoped
class KafkaPublisher implements Publisher {
    private final Emitter<Record<String, byte[]>> desired;

    KafkaPublisher(@Channel("desired") Emitter<Record<String, byte[]>> desired) {
        this.desired = desired;
    }

    @Override
    public void publish(List<Entry> entries) throws NotPublishedException, InterruptedException {
        try {
            CompletableFuture.allOf(entries.stream().map(this::send).toArray(CompletableFuture[]::new))
                    .get();
        } catch (ExecutionException e) {
            throw new NotPublishedException(e, isRefusal(e));
        }
    }

    private CompletableFuture<@Nullable Void> send(Entry entry) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        var metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(entry.topic().topicName())
                .build();
        desired.send(Message.of(
                Record.of(entry.key(), entry.value().orElse(null)),
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

    /** Returns whether the broker refuses a record for its content, or for its topic. */
    private static boolean isRefusal(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof RecordTooLargeException
                        || cause instanceof RecordBatchTooLargeException
                        || cause instanceof InvalidRecordException
                        || cause instanceof InvalidTopicException
                        || cause instanceof TopicAuthorizationException);
    }
}
