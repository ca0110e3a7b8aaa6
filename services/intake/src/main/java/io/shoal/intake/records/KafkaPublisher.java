package io.shoal.intake.records;

import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Publisher;
import io.smallrye.reactive.messaging.kafka.Record;
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

/** Sends desired state. A send that the broker does not take within the delivery timeout has failed. */
@ApplicationScoped
class KafkaPublisher implements Publisher {
    private final Emitter<Record<String, byte[]>> torrents;
    private final Emitter<Record<String, byte[]>> slices;
    private final Emitter<Record<String, byte[]>> admission;

    KafkaPublisher(
            @Channel("torrents") Emitter<Record<String, byte[]>> torrents,
            @Channel("slices") Emitter<Record<String, byte[]>> slices,
            @Channel("admission") Emitter<Record<String, byte[]>> admission) {
        this.torrents = torrents;
        this.slices = slices;
        this.admission = admission;
    }

    @Override
    public void publish(List<Entry> entries) throws NotPublishedException, InterruptedException {
        try {
            CompletableFuture.allOf(entries.stream()
                            .map(entry -> emitter(entry.topic())
                                    .send(Record.of(entry.key(), entry.value().orElse(null)))
                                    .toCompletableFuture())
                            .toArray(CompletableFuture[]::new))
                    .get();
        } catch (ExecutionException e) {
            throw new NotPublishedException(e, isRefusal(e));
        }
    }

    /** Whether the broker does not take a record for what it is, or for where it goes. */
    private static boolean isRefusal(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof RecordTooLargeException
                        || cause instanceof RecordBatchTooLargeException
                        || cause instanceof InvalidRecordException
                        || cause instanceof InvalidTopicException
                        || cause instanceof TopicAuthorizationException);
    }

    private Emitter<Record<String, byte[]>> emitter(Topic topic) {
        return switch (topic) {
            case TORRENTS -> torrents;
            case SLICES -> slices;
            case ADMISSION -> admission;
            case STATUS, CONTENT, DEMAND, ACCOUNTING, ANNOUNCES, DEAD ->
                throw new IllegalArgumentException(topic + " is not ours to write");
        };
    }
}
