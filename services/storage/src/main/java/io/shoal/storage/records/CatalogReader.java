package io.shoal.storage.records;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.Topic;
import io.shoal.objectstore.ObjectStore;
import io.shoal.storage.catalog.CatalogWriter;
import io.shoal.storage.catalog.Change;
import io.shoal.storage.catalog.ConsumerOffsets;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads desired and observed state of the partitions that the group assigns to this process, and takes it into the catalog.
 *
 * <p>Offsets are in the database, moved by the transaction that takes a batch in; Kafka keeps none. A record that repeats the one
 * before it of its key needs no database. While the database is down no record is fetched. A record that cannot be parsed, or that
 * the database refuses for what it contains, is put aside, and the reader goes on.
 */
@ApplicationScoped
class CatalogReader {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);

    private static final List<String> TOPICS = List.of(Topic.TORRENTS_NAME, Topic.STATUS_NAME);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration STOPPING = Duration.ofSeconds(5);

    /** Offsets of records that changed nothing are saved this often: so many are read again after a restart, and change nothing. */
    private static final Duration SAVING = Duration.ofSeconds(5);

    /**
     * Pause between two batches that are small, for a process that reads all partitions. One that reads a part of them pauses for
     * longer, so that the number of transactions does not depend on the number of replicas.
     */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final KafkaClients brokers;
    private final KafkaContentEvents sender;
    private final CatalogWriter catalog;
    private final ConsumerOffsets offsets;
    private final ObjectStore store;
    private final LoopWatch watch = new LoopWatch();
    private final Retry retry = new Retry(LOG, watch);
    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .name("catalog-reader")
            .unstarted(watch.watched(this::run, CatalogReader::died));
    private volatile boolean caughtUp;
    private long savedAt = System.nanoTime();

    CatalogReader(
            KafkaClients brokers,
            KafkaContentEvents sender,
            CatalogWriter catalog,
            ConsumerOffsets offsets,
            ObjectStore store) {
        this.brokers = brokers;
        this.sender = sender;
        this.catalog = catalog;
        this.offsets = offsets;
        this.store = store;
    }

    void start(@Observes StartupEvent event) {
        start();
    }

    void start() {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void stop() throws InterruptedException {
        retry.stop();
        thread.join(STOPPING);
    }

    /** Whether the reader goes on. */
    boolean isAlive() {
        return watch.isAlive();
    }

    private static void died(Throwable cause) {
        LOG.error("the catalog is not read any more, and this process ends", cause);
        Quarkus.asyncExit(1);
    }

    /** Whether all that was in the partitions of this process when they were assigned has been taken in once. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    private void run() {
        OutageLog outage = new OutageLog(LOG, "the topics of the catalog");
        try {
            retry.untilDone("the bucket", store::ensureBucket);
            retry.untilDone("the topics", brokers::ensureTopics);
            while (!retry.isStopping()) {
                watch.turned();
                try (Consumer<String, byte[]> consumer = brokers.member()) {
                    read(consumer, outage);
                } catch (RuntimeException e) { // our own mistakes too: seen in the log, and read again
                    outage.failed(e);
                    retry.pause();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the catalog is not read any more");
        }
    }

    private void read(Consumer<String, byte[]> consumer, OutageLog outage) throws InterruptedException {
        AssignedPartitions partitions = new AssignedPartitions(consumer, offsets, brokers::topicIds);
        consumer.subscribe(TOPICS, partitions);
        boolean taken = true;
        while (!retry.isStopping()) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            watch.turned();
            try {
                taken = take(records, partitions);
                if (partitions.isSeekDue() && retry.untilDone("the offsets of the catalog", partitions::seek)) {
                    outage.succeeded();
                }
            } catch (ConsumerOffsets.OffsetsMovedException e) {
                LOG.info("{}", e.getMessage());
                partitions.reset();
            }
            caughtUp |= partitions.areCaughtUp();
            if (!records.isEmpty() && records.count() < KafkaClients.BATCH / 4) {
                retry.pause(pause(partitions.size()));
            }
        }
        if (taken) {
            saveLast(partitions);
        }
    }

    /** Saves the offsets once more, so that the next owner of the partitions reads nothing again. */
    private void saveLast(AssignedPartitions partitions) {
        try {
            offsets.advance(partitions.unsaved());
        } catch (JdbiException | ConsumerOffsets.OffsetsMovedException e) {
            LOG.debug("the last offsets are not saved", e);
        }
    }

    private Duration pause(int owned) {
        Duration fair = SHORTEST_PAUSE
                .multipliedBy((long) TOPICS.size() * brokers.partitions())
                .dividedBy(Math.max(owned, 1));
        return fair.compareTo(LONGEST_PAUSE) < 0 ? fair : LONGEST_PAUSE;
    }

    /** A record, the change that it reports, and the partition that it is from. */
    private record Read(ConsumerRecord<String, byte[]> record, Change change, AssignedPartitions.Owned partition) {}

    /** Returns whether all of {@code records} is taken in; if not, the process ends before it could be. */
    private boolean take(ConsumerRecords<String, byte[]> records, AssignedPartitions partitions)
            throws InterruptedException {
        List<Read> news = new ArrayList<>();
        boolean buried = false;
        for (TopicPartition partition : records.partitions()) {
            AssignedPartitions.Owned owned = partitions.get(partition);
            if (owned == null) {
                continue; // revoked meanwhile
            }
            for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
                try {
                    Changes.of(record)
                            .filter(owned.lastChanges()::isNews)
                            .ifPresent(change -> news.add(new Read(record, change, owned)));
                } catch (BadRecordException e) {
                    bury(record, String.valueOf(e.getMessage()));
                    buried = true;
                }
            }
            partitions.read(owned);
        }
        if (buried || !news.isEmpty() || System.nanoTime() - savedAt > SAVING.toNanos()) {
            return save(news, partitions);
        }
        return true;
    }

    /** Takes in {@code news} and saves the offsets of all that was read; returns whether that was done. */
    private boolean save(List<Read> news, AssignedPartitions partitions) throws InterruptedException {
        List<ConsumerOffsets.Advance> advances = partitions.unsaved();
        boolean saved = retry.untilDone("the catalog", () -> take(news, advances));
        if (saved) {
            partitions.saved();
            savedAt = System.nanoTime();
        }
        return saved;
    }

    /** Takes in all of these; those that the database refuses for what they contain are put aside. */
    private void take(List<Read> news, List<ConsumerOffsets.Advance> advances) throws InterruptedException {
        if (news.isEmpty()) {
            offsets.advance(advances);
        } else if (!isTaken(news, advances)) {
            takeParts(news);
            retry.untilDone("the offsets of the catalog", () -> offsets.advance(advances));
        }
    }

    /** Takes in the halves of these, and the halves of a half that is refused, down to the records that are. */
    private void takeParts(List<Read> refused) throws InterruptedException {
        if (refused.size() == 1) {
            return; // put aside
        }
        int half = refused.size() / 2;
        for (List<Read> part : List.of(refused.subList(0, half), refused.subList(half, refused.size()))) {
            List<ConsumerOffsets.Advance> unmoved = part.stream()
                    .map(read -> read.partition.unmoved())
                    .distinct()
                    .toList();
            retry.untilDone("the catalog", () -> {
                if (!isTaken(part, unmoved)) {
                    takeParts(part);
                }
            });
        }
    }

    /** Returns whether these are taken in; if not, the database refuses one of them. A single one that it refuses is put aside. */
    private boolean isTaken(List<Read> news, List<ConsumerOffsets.Advance> advances) throws InterruptedException {
        try {
            catalog.take(news.stream().map(Read::change).toList(), advances);
            return true;
        } catch (JdbiException e) {
            Optional<String> state = Refusals.of(e);
            if (state.isEmpty()) {
                throw e;
            }
            if (news.size() == 1) {
                LOG.error("the database refuses what a record contains", e);
                bury(news.getFirst().record, "the database refuses it with SQL state " + state.get());
            }
            return false;
        }
    }

    private void bury(ConsumerRecord<String, byte[]> record, String reason) throws InterruptedException {
        LOG.warn("{}/{}/{}: {}", record.topic(), record.partition(), record.offset(), reason);
        retry.untilDone("a bad record", () -> sender.bury(record, reason));
    }
}
