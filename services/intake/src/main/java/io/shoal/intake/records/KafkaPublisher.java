package io.shoal.intake.records;

import io.shoal.intake.outbox.Publisher;
import io.smallrye.reactive.messaging.kafka.Record;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
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
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jspecify.annotations.Nullable;

/**
 * Sends desired state, all topics through one producer. The records of a batch are sent without waiting for each other. A send
 * that the broker does not acknowledge within the delivery timeout has failed.
 *
 * <p>Invariant: no send is pending when {@link #publish} returns or throws. A producer that has never reached the broker
 * blocks for seconds in each send. Therefore a batch is sent at once only if the broker has answered before; otherwise its
 * first record is sent alone.
 */
@ApplicationScoped
class KafkaPublisher implements Publisher {
    private final Emitter<Record<String, byte[]>> desired;

    /** Whether the broker has answered about the records that were sent last. */
    private volatile boolean reached;

    // The buffer holds the rest of one batch at most: the caller waits for the acknowledgements before it sends the
    // next one.
    KafkaPublisher(
            @Channel("desired") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER)
                    Emitter<Record<String, byte[]>> desired) {
        this.desired = desired;
    }

    @Override
    public List<Refusal> publish(List<Entry> entries) throws NotPublishedException, InterruptedException {
        int alone = reached ? 0 : Math.min(1, entries.size());
        List<Refusal> refused = new ArrayList<>(sendAll(entries.subList(0, alone)));
        refused.addAll(sendAll(entries.subList(alone, entries.size())));
        return refused;
    }

    private List<Refusal> sendAll(List<Entry> entries) throws NotPublishedException, InterruptedException {
        List<CompletableFuture<@Nullable Void>> sent =
                entries.stream().map(this::send).toList();
        List<Refusal> refused = new ArrayList<>();
        @Nullable ExecutionException failure = null;
        for (int i = 0; i < sent.size(); i++) {
            try {
                sent.get(i).get();
            } catch (ExecutionException e) {
                if (isRefusal(e)) {
                    refused.add(new Refusal(entries.get(i).key(), e));
                } else if (failure == null) {
                    failure = e;
                }
            }
        }
        reached = failure == null;
        if (failure != null) {
            throw new NotPublishedException(failure);
        }
        return refused;
    }

    private CompletableFuture<@Nullable Void> send(Entry entry) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        var metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(entry.key().topic().topicName())
                .build();
        desired.send(Message.of(
                Record.of(entry.key().key(), entry.value().orElse(null)),
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
