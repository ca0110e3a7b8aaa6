package io.shoal.tracker.records;

import io.shoal.contracts.records.DeadHeaders;
import io.shoal.contracts.topics.Topic;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/** Puts unreadable records where an operator finds them: the bytes as they were, the rest in headers. */
public final class DeadRecords {
    private static final Logger LOG = Logger.getLogger(DeadRecords.class);

    private final Producer<byte[], byte[]> producer;
    private final Runnable turn;

    /**
     * @param turn is run before each attempt
     */
    public DeadRecords(Producer<byte[], byte[]> producer, Runnable turn) {
        this.producer = producer;
        this.turn = turn;
    }

    /**
     * Puts aside {@code read}, which breaks the rule that {@code reason} names. Returns when it is safe, however long Kafka is away;
     * only the place of one that is too large for its topic is logged.
     */
    public void bury(ConsumerRecord<byte[], byte[]> read, String reason) {
        LOG.errorf("%s-%d@%d is unreadable: %s", read.topic(), read.partition(), read.offset(), reason);
        ProducerRecord<byte[], byte[]> burial =
                new ProducerRecord<>(Topic.DEAD_NAME, null, read.key(), read.value(), DeadHeaders.of(read, reason));
        while (true) {
            turn.run();
            try {
                producer.send(burial).get();
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RecordTooLargeException) {
                    LOG.errorf("%s-%d@%d is too large to be put aside", read.topic(), read.partition(), read.offset());
                    return;
                }
                LOG.warnf("%s cannot be reached, trying again: %s", Topic.DEAD_NAME, e.getCause());
                pause();
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
