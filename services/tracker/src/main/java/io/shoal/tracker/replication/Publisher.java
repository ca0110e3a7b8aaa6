package io.shoal.tracker.replication;

import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.swarms.Swarms;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what the swarms tell, as often as it is called. While Kafka is away the producer keeps what fits its buffer; what does
 * not, or stays too long, is lost until its peer's next announce. One thread.
 */
final class Publisher {
    private static final Logger LOG = Logger.getLogger(Publisher.class);

    private final Producer<byte[], byte[]> producer;
    private final Swarms swarms;
    private final Members members;
    private final ReplicationTraffic traffic;
    private final Batches batches;
    private volatile boolean failing;

    Publisher(
            Producer<byte[], byte[]> producer,
            Swarms swarms,
            Members members,
            int partitions,
            int replica,
            long sender,
            LongSupplier clock,
            ReplicationTraffic traffic) {
        this.producer = producer;
        this.swarms = swarms;
        this.members = members;
        this.traffic = traffic;
        this.batches = new Batches(partitions, replica, sender, clock, this::send);
    }

    /** Sends what there is to tell now. */
    void publish() {
        traffic.lost(batches.send(swarms));
        batches.send(members);
    }

    /** Sends the last and waits for Kafka to have it, not longer than {@code patience}. */
    void close(Duration patience) {
        publish();
        producer.close(patience);
    }

    private void send(int partition, byte[] frame, int changes) {
        try {
            var _ = producer.send(
                    new ProducerRecord<>(Topic.ANNOUNCES_NAME, partition, null, frame),
                    (metadata, failure) -> done(changes, failure));
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            done(changes, e);
        }
    }

    private void done(int changes, @Nullable Exception failure) {
        if (failure == null) {
            traffic.sent(changes);
        } else {
            traffic.lost(changes);
        }
        if (failing != (failure != null)) {
            failing = failure != null;
            LOG.warnf("%s", failing ? "changes of peers do not reach Kafka: " + failure : "they do again");
        }
    }
}
