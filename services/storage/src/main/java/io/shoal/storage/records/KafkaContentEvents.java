package io.shoal.storage.records;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.DeadHeaders;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import io.shoal.storage.catalog.ContentEvents;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Sends records and waits until they are safe. */
@ApplicationScoped
class KafkaContentEvents implements ContentEvents {
    private static final Logger LOG = Logger.getLogger(KafkaContentEvents.class);

    private final KafkaClients brokers;
    private @Nullable Producer<String, byte[]> producer; // guarded by this

    KafkaContentEvents(KafkaClients brokers) {
        this.brokers = brokers;
    }

    /**
     * The producer, which is opened on first use: the brokers' names may not be known before.
     *
     * @throws PublishException if the topics are not known to exist
     */
    private synchronized Producer<String, byte[]> producer() throws PublishException {
        if (!brokers.areTopicsEnsured()) {
            throw new PublishException(new IllegalStateException("the topics are not known to exist yet"));
        }
        Producer<String, byte[]> open = producer;
        if (open == null) {
            open = brokers.producer();
            producer = open;
        }
        return open;
    }

    @PreDestroy
    synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(2));
        }
    }

    @Override
    public void publish(TorrentId torrent, ContentRecord record) throws PublishException {
        send(new ProducerRecord<>(Topic.CONTENT.topicName(), torrent.value(), Json.write(record)));
    }

    /**
     * Puts a record that cannot be taken in, for {@code reason}, where an operator finds it: as it came. Only the place of one that is
     * too large for that is logged.
     */
    void bury(ConsumerRecord<String, byte[]> record, String reason) throws PublishException {
        ProducerRecord<String, byte[]> dead = new ProducerRecord<>(
                Topic.DEAD_NAME, null, record.key(), record.value(), DeadHeaders.of(record, reason));
        try {
            send(dead);
        } catch (PublishException e) {
            if (!isTooLarge(e)) {
                throw e;
            }
            LOG.errorf("%s-%d@%d is too large to be put aside", record.topic(), record.partition(), record.offset());
        }
    }

    private static boolean isTooLarge(PublishException failure) {
        return failure.getCause() instanceof ExecutionException sending
                && sending.getCause() instanceof RecordTooLargeException;
    }

    private void send(ProducerRecord<String, byte[]> record) throws PublishException {
        try {
            producer().send(record).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublishException(e);
        } catch (ExecutionException | KafkaException e) {
            throw new PublishException(e);
        }
    }
}
