package io.shoal.intake.records;

import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.loops.OutageLog;
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
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all partitions of {@code shoal.status} from the beginning, then follows them, on a thread of its own. Every replica reads
 * everything, so there is no group and nothing is committed: a plain consumer with manually assigned partitions, as in the workers.
 *
 * <p>Every few seconds it asks the broker for the end offsets: the board is fresh when the previous ends have been passed and the
 * broker has answered.
 */
@ApplicationScoped
class StatusReader {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration ASK_EVERY = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final StatusHandler observations;
    private final StatusBoard board;
    private final DeadLetters deadLetters;
    private final Loops loops;
    private final OutageLog outage = new OutageLog(LOG, "the topic of statuses");
    private volatile @Nullable Consumer<String, byte[]> open;
    private volatile @Nullable Thread thread;
    private volatile boolean ending;

    StatusReader(
            KafkaSettings settings,
            StatusHandler observations,
            StatusBoard board,
            DeadLetters deadLetters,
            Loops loops) {
        this.settings = settings;
        this.observations = observations;
        this.board = board;
        this.deadLetters = deadLetters;
        this.loops = loops;
    }

    /** Begins to read. The topic must exist. */
    void start() {
        thread = Thread.ofPlatform()
                .name("status-reader")
                .daemon()
                .start(loops.statusReader().watched(this::run, Loops::died));
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
            loops.statusReader().turned();
            try (Consumer<String, byte[]> consumer = connect()) {
                open = consumer;
                follow(consumer);
            } catch (WakeupException | InterruptException e) {
                return;
            } catch (RuntimeException e) { // Kafka is away, or a fault of ours: logged, and reading begins again
                board.setFresh(false);
                outage.failed(e);
                pause();
            }
        }
    }

    private Consumer<String, byte[]> connect() {
        Map<String, Object> config = settings.client().consumer("intake-status");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
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
            loops.statusReader().turned();
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
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            outage.succeeded();
            return ends;
        } catch (TimeoutException e) {
            outage.failed(e);
            return Map.of();
        }
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        SliceKey key;
        try {
            key = SliceKey.parse(record.key() == null ? "" : record.key());
        } catch (IllegalArgumentException e) {
            deadLetter(record, "the key is not that of a slice");
            return;
        }
        if (record.value() == null) {
            observations.ended(key);
            return;
        }
        try {
            observations.observe(key, Json.read(record.value(), StatusRecord.class));
        } catch (BadRecordException e) {
            deadLetter(record, String.valueOf(e.getMessage()));
        }
    }

    private void deadLetter(ConsumerRecord<String, byte[]> record, String reason) {
        deadLetters.deadLetter(record, reason, loops.statusReader()::turned);
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            ending = true;
        }
    }
}
