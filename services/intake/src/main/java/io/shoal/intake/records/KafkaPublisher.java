package io.shoal.intake.records;

import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Publisher;
import io.smallrye.reactive.messaging.kafka.Record;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;

/** Sends what we desire. A send that the broker does not take in its delivery timeout has failed. */
@ApplicationScoped
class KafkaPublisher implements Publisher {
    private final Emitter<Record<String, byte[]>> torrents;
    private final Emitter<Record<String, byte[]>> slices;

    KafkaPublisher(
            @Channel("torrents") Emitter<Record<String, byte[]>> torrents,
            @Channel("slices") Emitter<Record<String, byte[]>> slices) {
        this.torrents = torrents;
        this.slices = slices;
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
            throw new NotPublishedException(e);
        }
    }

    private Emitter<Record<String, byte[]>> emitter(Topic topic) {
        return switch (topic) {
            case TORRENTS -> torrents;
            case SLICES -> slices;
            case STATUS, CONTENT, DEMAND, ANNOUNCES, DEAD ->
                throw new IllegalArgumentException(topic + " is not ours to write");
        };
    }
}
