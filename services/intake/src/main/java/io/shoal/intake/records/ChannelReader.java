package io.shoal.intake.records;

import io.shoal.intake.loops.Loops;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Reads the records of one channel side by side, and acknowledges each when it has been handled; only records before which all are
 * acknowledged are committed.
 *
 * <p>The clients of channels are lazy: a client cannot be made while no name of a broker resolves, and must not keep the service
 * from starting then. So reading begins when Kafka has been reached once, and begins again if the channel fails.
 */
final class ChannelReader {
    private static final Logger LOG = Logger.getLogger(ChannelReader.class);

    /** Records that are handled at once: each takes a connection to the database. */
    private static final int AT_ONCE = 8;

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final String name;
    private final Multi<Message<byte[]>> channel;
    private final Handler handler;
    private final ExecutorService threads;

    /** Handles one record, however long that takes; what it throws ends the process. */
    @FunctionalInterface
    interface Handler {
        void handle(ConsumerRecord<String, byte[]> record) throws InterruptedException;
    }

    ChannelReader(String name, Multi<Message<byte[]>> channel, Handler handler) {
        this.name = name;
        this.channel = channel;
        this.handler = handler;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-", 0).factory());
    }

    /** Begins to read. The topic must exist. */
    void start() {
        channel.onItem()
                .transformToUni(this::handled)
                .merge(AT_ONCE)
                .onFailure()
                .invoke(failure -> LOG.warnf(failure, "%s cannot be read, trying again", name))
                .onFailure()
                .retry()
                .withBackOff(PAUSE, LONGEST_PAUSE)
                .atMost(Long.MAX_VALUE)
                .subscribe()
                .with(handled -> {}, Loops::died);
    }

    private Uni<Void> handled(Message<byte[]> message) {
        return Uni.createFrom()
                .voidItem()
                .emitOn(threads)
                .invoke(() -> handle(message))
                .chain(() -> Uni.createFrom().completionStage(message.ack()));
    }

    private void handle(Message<byte[]> message) {
        try {
            handler.handle(record(message));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: the record is read again by the next process", e);
        } catch (RuntimeException | Error e) {
            Loops.died(e);
            throw e;
        }
    }

    @SuppressWarnings("unchecked") // the deserializers of the channels
    private static ConsumerRecord<String, byte[]> record(Message<byte[]> message) {
        return message.getMetadata(IncomingKafkaRecordMetadata.class)
                .orElseThrow()
                .getRecord();
    }
}
