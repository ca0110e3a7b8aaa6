package io.shoal.tracker.records;

import io.shoal.contracts.topics.Topics;
import io.shoal.tracker.admission.Passkeys;
import io.shoal.tracker.admission.Torrents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The thread that keeps the rules of admission in step with Kafka, from the first attempt to reach it until the service ends. */
public final class StateFeed implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StateFeed.class);
    private static final long RETRY_MILLIS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Map<String, Object> kafka;
    private final int partitions;
    private final short replication;
    private final List<State> states;
    private final Runnable caughtUp;
    private final Consumer<RuntimeException> failed;
    private final Thread thread = Thread.ofPlatform().name("state").unstarted(this::run);
    private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;
    private volatile boolean stopping;
    private boolean wasCaughtUp;

    /**
     * @param bootstrapServers of Kafka
     * @param partitions of every topic
     * @param replication of every topic; -1 for the broker's default
     * @param caughtUp is run once, when all that was there at the start is known
     * @param failed is told, once, of a failure that does not pass by itself
     */
    public StateFeed(
            String bootstrapServers,
            int partitions,
            short replication,
            Torrents torrents,
            Passkeys passkeys,
            Runnable caughtUp,
            Consumer<RuntimeException> failed) {
        this.kafka = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.CLIENT_ID_CONFIG,
                "tracker");
        this.partitions = partitions;
        this.replication = replication;
        this.states = List.of(new TorrentsState(torrents), new AdmissionState(torrents, passkeys));
        this.caughtUp = caughtUp;
        this.failed = failed;
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            ensureTopics();
            while (!stopping) {
                try {
                    read();
                    return;
                } catch (InterruptException e) {
                    LOG.debug("stopped", e);
                    return;
                } catch (KafkaException e) {
                    LOG.warnf("cannot read what is served, trying again: %s", e.getMessage());
                    Thread.sleep(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }

    private void ensureTopics() throws InterruptedException {
        while (!stopping) {
            try (Admin admin = Topics.connect(kafka)) {
                new Topics(admin, partitions, replication).ensure();
                return;
            } catch (ExecutionException | KafkaException e) {
                LOG.warnf("Kafka cannot be reached, trying again: %s", e.getMessage());
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private void read() {
        try (var consumer = new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            reading = consumer;
            if (!stopping) {
                new StateReader(consumer, new DeadRecords(producer), states, partitions).run(this::caughtUp);
            }
        } finally {
            reading = null;
        }
    }

    private void caughtUp() {
        if (!wasCaughtUp) {
            wasCaughtUp = true;
            caughtUp.run();
        }
    }

    @Override
    public void close() {
        stopping = true;
        KafkaConsumer<byte[], byte[]> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            if (!thread.join(PATIENCE)) {
                // It waits for a Kafka that is away.
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
