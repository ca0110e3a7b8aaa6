package io.shoal.tracker.records;

import io.shoal.contracts.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A thread that reads from Kafka, from the first attempt to reach it until it is closed. It outlasts a Kafka that is away: each
 * attempt to read has a consumer of its own. A failure that does not pass by itself ends it.
 */
public final class KafkaThread implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KafkaThread.class);
    private static final long RETRY_MILLIS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** What it does. */
    public interface Task {
        /** Kafka is there, with all topics. Called until it succeeds, before anything is read. */
        default void prepare(Topics topics) throws ExecutionException, InterruptedException {}

        /**
         * Reads what it assigns to {@code consumer}, until that is woken up.
         *
         * @throws KafkaException if Kafka went away; called again then
         */
        void read(KafkaConsumer<byte[], byte[]> consumer, DeadRecords dead);
    }

    private final Map<String, Object> kafka;
    private final int partitions;
    private final short replication;
    private final Task task;
    private final Consumer<RuntimeException> failed;
    private final Thread thread;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;
    private volatile boolean stopping;

    /**
     * @param name of the thread
     * @param kafka see {@link #client}
     * @param partitions of the deployment
     * @param replication of every topic; -1 for the broker's default
     * @param failed is told, once, of a failure that does not pass by itself
     */
    public KafkaThread(
            String name,
            Map<String, Object> kafka,
            int partitions,
            short replication,
            Task task,
            Consumer<RuntimeException> failed) {
        this.kafka = kafka;
        this.partitions = partitions;
        this.replication = replication;
        this.task = task;
        this.failed = failed;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /** What every client needs to know: where Kafka is, and how we are called there. */
    public static Map<String, Object> client(String bootstrapServers, String name) {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                CommonClientConfigs.CLIENT_ID_CONFIG,
                name);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            reach();
            while (!stopping) {
                try {
                    read();
                } catch (WakeupException | InterruptException e) {
                    LOG.debug("stopped", e);
                    return;
                } catch (KafkaException e) {
                    LOG.warnf("Kafka cannot be read, trying again: %s", e.getMessage());
                    Thread.sleep(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }

    private void reach() throws InterruptedException {
        while (!stopping) {
            try (Admin admin = Topics.connect(kafka)) {
                Topics topics = new Topics(admin, partitions, replication);
                topics.ensure();
                task.prepare(topics);
                return;
            } catch (ExecutionException | KafkaException e) {
                LOG.warnf("Kafka cannot be reached, trying again: %s", e.getMessage());
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private void read() {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            reading = consumer;
            if (!stopping) {
                task.read(consumer, new DeadRecords(producer));
            }
        } finally {
            reading = null;
        }
    }

    /** Nothing is read any more when this returns. */
    @Override
    public void close() {
        stopping = true;
        KafkaConsumer<byte[], byte[]> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        } else {
            thread.interrupt(); // it waits for a Kafka that is away
        }
        try {
            if (thread.getState() != Thread.State.NEW && !thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
