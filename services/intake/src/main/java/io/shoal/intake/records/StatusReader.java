package io.shoal.intake.records;

import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.progress.StatusHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads all partitions of {@code shoal.status} from the beginning, then follows, on a thread of its own. Every replica reads
 * everything, so there is no group and nothing is committed; that is why this is a plain consumer with its partitions
 * assigned by hand, as it is in the workers.
 *
 * <p>Now and then it asks the broker for the ends: the board is fresh when the ends of last time have been passed and the
 * broker has answered.
 */
@ApplicationScoped
class StatusReader {
    private static final Logger LOG = Logger.getLogger(StatusReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ASK_EVERY = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final StatusHandler observations;
    private final StatusBoard board;
    private final DeadLetters deadLetters;
    private volatile @Nullable Consumer<String, byte[]> open;
    private volatile @Nullable Thread thread;
    private volatile boolean ending;

    StatusReader(KafkaSettings settings, StatusHandler observations, StatusBoard board, DeadLetters deadLetters) {
        this.settings = settings;
        this.observations = observations;
        this.board = board;
        this.deadLetters = deadLetters;
    }

    /** Begins to read. The topic must be there. */
    void start() {
        thread = Thread.ofPlatform().name("status-reader").daemon().start(this::run);
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        ending = true;
        Consumer<String, byte[]> consumer = open;
        if (consumer != null) {
            consumer.wakeup();
        }
        Thread running = thread;
        if (running != null) {
            running.join(PATIENCE);
        }
    }

    private void run() {
        while (!ending) {
            try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(
                    settings.clientWith(Map.of(
                            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                            false,
                            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                            "earliest",
                            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                            false)),
                    new StringDeserializer(),
                    new ByteArrayDeserializer())) {
                open = consumer;
                follow(consumer);
            } catch (WakeupException | InterruptException e) {
                return;
            } catch (KafkaException e) {
                board.setFresh(false);
                LOG.warnf("status is read again from the beginning: %s", e);
                pause();
            } catch (RuntimeException e) { // our own mistake: seen in the log, again at each turn
                board.setFresh(false);
                LOG.error("status is read again from the beginning", e);
                pause();
            }
        }
    }

    private void follow(Consumer<String, byte[]> consumer) {
        List<TopicPartition> partitions = IntStream.range(0, settings.partitions())
                .mapToObj(partition -> new TopicPartition(Topic.STATUS_NAME, partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Freshness freshness = new Freshness();
        ToLongFunction<TopicPartition> position = partition -> consumer.position(partition, PATIENCE);
        long askAt = System.nanoTime();
        while (!ending) {
            consumer.poll(POLL).forEach(this::read);
            board.setFresh(freshness.isFresh(position));
            if (System.nanoTime() - askAt >= 0) {
                freshness.asked(ends(consumer, partitions), position);
                askAt = System.nanoTime() + ASK_EVERY.toNanos();
            }
        }
    }

    /** Returns the ends of all partitions; none if the broker does not answer. */
    private Map<TopicPartition, Long> ends(Consumer<String, byte[]> consumer, List<TopicPartition> partitions) {
        try {
            return consumer.endOffsets(partitions, PATIENCE);
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            return Map.of();
        }
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        SliceKey key;
        try {
            key = SliceKey.parse(record.key() == null ? "" : record.key());
        } catch (IllegalArgumentException e) {
            deadLetters.bury(record, "the key is not that of a slice");
            return;
        }
        if (record.value() == null) {
            observations.ended(key);
            return;
        }
        try {
            observations.observe(key, Json.read(record.value(), StatusRecord.class));
        } catch (BadRecordException e) {
            deadLetters.bury(record, String.valueOf(e.getMessage()));
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            ending = true;
        }
    }
}
