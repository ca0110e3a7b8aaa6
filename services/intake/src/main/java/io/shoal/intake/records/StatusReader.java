package io.shoal.intake.records;

import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.progress.OwnedPartitions;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.progress.StatusHandler;
import io.shoal.intake.swarms.SwarmLooks;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all partitions of {@code shoal.status} from the beginning and of {@code shoal.progress} from a few minutes ago, then follows
 * them, on a thread of its own. Every replica reads everything, so there is no group and nothing is committed: a plain consumer with
 * manually assigned partitions, as in the workers. What cannot be read is put aside by one replica: statuses by the reader that acts
 * upon them, figures by the owner of their partition.
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

    /** As long as figures are kept: older ones are those of slices that do not move. */
    private static final Duration FIGURES = Duration.ofMinutes(10);

    private static final int RECORDS_AT_ONCE = 2_000;

    private final KafkaSettings settings;
    private final StatusHandler observations;
    private final SwarmLooks looks;
    private final StatusBoard board;
    private final OwnedPartitions owned;
    private final DeadLetters deadLetters;
    private final ConsumerLoop loop;

    StatusReader(
            KafkaSettings settings,
            StatusHandler observations,
            SwarmLooks looks,
            StatusBoard board,
            OwnedPartitions owned,
            DeadLetters deadLetters,
            Loops loops) {
        this.settings = settings;
        this.observations = observations;
        this.looks = looks;
        this.board = board;
        this.owned = owned;
        this.deadLetters = deadLetters;
        this.loop = new ConsumerLoop(
                "status-reader", settings, loops.statusReader(), LOG, "the topics of statuses and figures");
    }

    /** Begins to read. The topics must exist. */
    void start() {
        loop.start("intake-status", Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_AT_ONCE), this::read);
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        loop.end(PATIENCE);
    }

    private void read(Consumer<String, byte[]> consumer) {
        try {
            follow(consumer);
        } finally {
            board.setFresh(false);
        }
    }

    private void follow(Consumer<String, byte[]> consumer) {
        List<TopicPartition> statuses = partitionsOf(Topic.STATUS_NAME);
        List<TopicPartition> figures = partitionsOf(Topic.PROGRESS_NAME);
        List<TopicPartition> partitions =
                Stream.concat(statuses.stream(), figures.stream()).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(statuses);
        seekToFigures(consumer, figures);
        Freshness freshness = new Freshness();
        ToLongFunction<TopicPartition> position = partition -> consumer.position(partition, PATIENCE);
        long askAt = System.nanoTime();
        while (loop.isRunning()) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            records.records(Topic.STATUS_NAME).forEach(this::readStatus); // before figures of slices that are new
            records.records(Topic.PROGRESS_NAME).forEach(this::readFigures);
            loop.turned();
            board.setFresh(freshness.isFresh(position));
            if (System.nanoTime() - askAt >= 0) {
                freshness.asked(ends(consumer, partitions), position);
                askAt = System.nanoTime() + ASK_EVERY.toNanos();
            }
        }
    }

    private List<TopicPartition> partitionsOf(String topic) {
        return IntStream.range(0, settings.partitions())
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    private static void seekToFigures(Consumer<String, byte[]> consumer, List<TopicPartition> partitions) {
        long since = System.currentTimeMillis() - FIGURES.toMillis();
        Map<TopicPartition, @Nullable OffsetAndTimestamp> first = new HashMap<>(consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> since))));
        List<TopicPartition> without = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp found = first.get(partition);
            if (found == null) {
                without.add(partition);
            } else {
                consumer.seek(partition, found.offset());
            }
        }
        consumer.seekToEnd(without);
    }

    /** Returns the ends of all partitions; none if the broker does not answer. */
    private Map<TopicPartition, Long> ends(Consumer<String, byte[]> consumer, List<TopicPartition> partitions) {
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            loop.succeeded();
            return ends;
        } catch (TimeoutException e) {
            loop.failed(e);
            return Map.of();
        }
    }

    private void readStatus(ConsumerRecord<String, byte[]> record) {
        try {
            SliceKey key = SliceKey.parse(record.key() == null ? "" : record.key());
            if (record.value() == null) {
                observations.ended(key);
            } else {
                observations.observe(key, Json.read(record.value(), StatusRecord.class));
            }
        } catch (BadRecordException | IllegalArgumentException e) {
            LOG.debug("{}-{}@{} is passed over", record.topic(), record.partition(), record.offset(), e);
        }
    }

    private void readFigures(ConsumerRecord<String, byte[]> record) {
        try {
            ProgressRecord progress =
                    Json.read(record.value() == null ? new byte[0] : record.value(), ProgressRecord.class);
            SwarmReport swarm = progress.swarm();
            if (swarm != null) {
                looks.reported(swarm, Instant.ofEpochMilli(record.timestamp()));
            }
            observeAll(record.partition(), progress);
        } catch (BadRecordException | IllegalArgumentException e) {
            if (owned.contains(record.partition())) {
                deadLetters.deadLetter(record, String.valueOf(e.getMessage()), loop::turned);
            }
        }
    }

    /** Handles the figures of each slice that has some, then throws if others could not be read. */
    private void observeAll(int partition, ProgressRecord progress) {
        IllegalArgumentException failure = null;
        for (ProgressRecord.Slice figures : progress.slices()) {
            try {
                observations.observe(partition, SliceKey.parse(figures.key()), figures);
            } catch (IllegalArgumentException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
