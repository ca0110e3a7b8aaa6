package io.shoal.intake.records;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.intake.loops.Loops;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A thread that reads topics with a consumer of its own until it is told to end. A consumer that fails is closed, and after a pause the
 * next one is connected, however long Kafka is away; an outage is logged once. Each consumer begins at the beginning where it has no
 * position, and commits nothing by itself.
 */
final class ConsumerLoop {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final String name;
    private final KafkaSettings settings;
    private final LoopWatch watch;
    private final OutageLog outage;
    private volatile @Nullable Consumer<String, byte[]> open;
    private volatile @Nullable Thread thread;
    private volatile boolean ending;

    /**
     * @param name of the thread
     * @param log of the reader
     * @param what is away while the reader fails, as the subject of a sentence
     */
    ConsumerLoop(String name, KafkaSettings settings, LoopWatch watch, Logger log, String what) {
        this.name = name;
        this.settings = settings;
        this.watch = watch;
        this.outage = new OutageLog(log, what);
    }

    /** Reads with an open consumer. */
    @FunctionalInterface
    interface Reading {
        /** Reads while {@link #isRunning}, or until the consumer fails. */
        void read(Consumer<String, byte[]> consumer);
    }

    /**
     * Begins to read. The topics must exist.
     *
     * @param client the id of the consumers
     * @param config what is special about them
     */
    void start(String client, Map<String, Object> config, Reading reading) {
        thread = Thread.ofPlatform()
                .name(name)
                .daemon()
                .start(watch.watched(() -> run(client, config, reading), Loops::died));
    }

    /** Ends reading and closes the consumer; waits for that, but no longer than {@code patience}. */
    void end(Duration patience) throws InterruptedException {
        ending = true;
        Consumer<String, byte[]> consumer = open;
        if (consumer != null) {
            consumer.wakeup();
        }
        Thread running = thread;
        if (running != null) {
            running.join(patience);
        }
    }

    boolean isRunning() {
        return !ending;
    }

    /** Reading goes on. */
    void turned() {
        watch.turned();
    }

    /** Kafka has answered. */
    void succeeded() {
        outage.succeeded();
    }

    /** Kafka has not answered, or has answered with an error; reading goes on. */
    void failed(Exception cause) {
        outage.failed(cause);
    }

    private void run(String client, Map<String, Object> config, Reading reading) {
        while (!ending) {
            watch.turned();
            try (Consumer<String, byte[]> consumer = connect(client, config)) {
                open = consumer;
                reading.read(consumer);
            } catch (WakeupException | InterruptException e) {
                return;
            } catch (
                    RuntimeException e) { // Kafka is away, or a fault of this service: logged, and reading begins again
                outage.failed(e);
                pause();
            }
        }
    }

    private Consumer<String, byte[]> connect(String client, Map<String, Object> config) {
        Map<String, Object> all = settings.client().consumer(client);
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        all.putAll(config);
        return new KafkaConsumer<>(all, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            ending = true;
        }
    }
}
