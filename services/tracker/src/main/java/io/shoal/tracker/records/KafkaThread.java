package io.shoal.tracker.records;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads from Kafka, from the first attempt to reach it until it is closed. It survives an outage of Kafka: each
 * attempt to read has a consumer of its own. A failure that does not pass by itself ends the thread, and is reported.
 */
public final class KafkaThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaThread.class);
    private static final long RETRY_MILLIS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** What it does. */
    public interface Task {
        /** Kafka is there, with all topics. Called until it succeeds, before anything is read. */
        default void prepare(Topics topics) throws ExecutionException, InterruptedException {}

        /**
         * Reads what it assigns to {@code consumer}, until that is woken up.
         *
         * @param turn must be run before each poll; it reports that Kafka was reached at the start
         * @throws KafkaException if Kafka went away; called again then
         */
        void read(KafkaConsumer<byte[], byte[]> consumer, DeadRecords dead, Runnable turn);
    }

    private final KafkaClientConfig kafka;
    private final String client;
    private final int partitions;
    private final short replication;
    private final Task task;
    private final Thread thread;
    private final LoopWatch watch = new LoopWatch();
    private final OutageLog outage = new OutageLog(LOG, "Kafka");
    private volatile boolean topicsEnsured;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;
    private volatile boolean stopping;

    /**
     * @param name of the thread
     * @param client name of its clients
     * @param partitions of the deployment
     * @param replication of every topic; -1 for the broker's default
     * @param failed receives, once, a failure that does not pass by itself
     */
    public KafkaThread(
            String name,
            KafkaClientConfig kafka,
            String client,
            int partitions,
            short replication,
            Task task,
            Consumer<Throwable> failed) {
        this.kafka = kafka;
        this.client = client;
        this.partitions = partitions;
        this.replication = replication;
        this.task = task;
        this.thread = Thread.ofPlatform().name(name).unstarted(watch.watched(this::run, failed));
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Returns whether the thread runs, or has ended because it was closed. */
    public boolean isAlive() {
        return watch.isAlive();
    }

    /** Returns whether all topics are known to exist as they should: nothing may be sent before. */
    public boolean areTopicsEnsured() {
        return topicsEnsured;
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
                    outage.failed(e);
                    Thread.sleep(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        }
    }

    private void reach() throws InterruptedException {
        while (!stopping) {
            watch.turned();
            try (Admin admin = Topics.connect(kafka, client + "-admin")) {
                Topics topics = new Topics(admin, partitions, replication);
                topics.ensure();
                topicsEnsured = true;
                task.prepare(topics);
                outage.succeeded();
                return;
            } catch (ExecutionException | KafkaException e) {
                outage.failed(e);
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private void read() {
        watch.turned();
        Map<String, Object> config = kafka.consumer(client);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(
                        kafka.producer(client), new ByteArraySerializer(), new ByteArraySerializer())) {
            reading = consumer;
            if (!stopping) {
                task.read(consumer, new DeadRecords(producer, watch::turned), this::turned);
            }
        } finally {
            reading = null;
        }
    }

    private void turned() {
        watch.turned();
        outage.succeeded();
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
