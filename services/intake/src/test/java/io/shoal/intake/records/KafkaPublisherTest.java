package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Publisher;
import io.shoal.intake.outbox.RecordKey;
import io.smallrye.reactive.messaging.kafka.Record;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.junit.jupiter.api.Test;

class KafkaPublisherTest {
    private final Sent sent = new Sent();
    private final KafkaPublisher publisher = new KafkaPublisher(sent);

    @Test
    void aBrokerThatWasNotReachedIsTriedWithOneRecord() throws Exception {
        CompletableFuture<List<Publisher.Refusal>> first = publishing(3);
        sent.take().nack(new TimeoutException("no metadata"));

        assertThatThrownBy(first::join).hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(sent.messages).as("records that would block the producer").isEmpty();

        CompletableFuture<List<Publisher.Refusal>> second = publishing(3);
        sent.take().ack();
        Message<?> next = sent.take();
        Message<?> last = sent.take();
        next.ack();
        last.ack();
        assertThat(second.join()).isEmpty();

        CompletableFuture<List<Publisher.Refusal>> third = publishing(2);
        Message<?> one = sent.take();
        sent.take().ack(); // both were sent before either was answered
        one.ack();
        assertThat(third.join()).isEmpty();
    }

    @Test
    void aBatchEndsWhenNothingIsPending() throws Exception {
        CompletableFuture<List<Publisher.Refusal>> first = publishing(1);
        sent.take().ack();
        first.join();

        CompletableFuture<List<Publisher.Refusal>> batch = publishing(3);
        Message<?> fails = sent.take();
        Message<?> refused = sent.take();
        Message<?> pending = sent.take();
        fails.nack(new TimeoutException("away"));
        refused.nack(new RecordTooLargeException("too large"));
        assertThatThrownBy(() -> batch.get(200, TimeUnit.MILLISECONDS))
                .as("one send is pending")
                .isInstanceOf(java.util.concurrent.TimeoutException.class);

        pending.ack();
        assertThatThrownBy(batch::join).hasRootCauseInstanceOf(TimeoutException.class);
    }

    private CompletableFuture<List<Publisher.Refusal>> publishing(int records) {
        List<Publisher.Entry> entries = IntStream.range(0, records)
                .mapToObj(i -> new Publisher.Entry(new RecordKey(Topic.TORRENTS, "t" + i), Optional.of(new byte[1])))
                .toList();
        CompletableFuture<List<Publisher.Refusal>> published = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                published.complete(publisher.publish(entries));
            } catch (Exception e) {
                published.completeExceptionally(new CompletionException(e));
            }
        });
        return published;
    }

    /** What was handed to the producer. */
    private static final class Sent implements Emitter<Record<String, byte[]>> {
        final BlockingQueue<Message<?>> messages = new LinkedBlockingQueue<>();

        Message<?> take() {
            await().until(() -> !messages.isEmpty());
            return messages.remove();
        }

        @Override
        public CompletionStage<Void> send(Record<String, byte[]> payload) {
            throw new AssertionError("records are sent as messages, which name their topic");
        }

        @Override
        public <M extends Message<? extends Record<String, byte[]>>> void send(M message) {
            messages.add(message);
        }

        @Override
        public void complete() {}

        @Override
        public void error(Exception e) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean hasRequests() {
            return true;
        }
    }
}
