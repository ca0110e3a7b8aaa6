package io.shoal.storage.records;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.Topic;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.CatalogWriter;
import io.shoal.storage.catalog.Change;
import io.shoal.storage.catalog.ContentEvents;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads desired and observed state, from the beginning at every start, and takes it into the catalog.
 *
 * <p>Every process reads all of both topics and belongs to no group: so a start waits for no session, nothing is committed, and
 * what was missed while the database was restored is simply read. While the database is down no record is fetched. A record that
 * cannot be parsed, or that the database refuses for what it contains, is put aside, and the reader goes on.
 */
@ApplicationScoped
class CatalogReader {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);

    private static final List<String> TOPICS = List.of(Topic.TORRENTS_NAME, Topic.STATUS_NAME);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(5);

    private final KafkaClients brokers;
    private final KafkaContentEvents sender;
    private final CatalogWriter observations;
    private final ObjectStore store;
    private final LoopWatch watch = new LoopWatch();
    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .name("catalog-reader")
            .unstarted(watch.watched(this::run, CatalogReader::died));
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean caughtUp;

    CatalogReader(KafkaClients brokers, KafkaContentEvents sender, CatalogWriter observations, ObjectStore store) {
        this.brokers = brokers;
        this.sender = sender;
        this.observations = observations;
        this.store = store;
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping.countDown();
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

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void pause() throws InterruptedException {
        stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether all that was there at the start has been read. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    private void run() {
        OutageLog outage = new OutageLog(LOG, "the topics of the catalog");
        try {
            untilDone("the bucket", store::ensureBucket);
            untilDone("the topics", brokers::ensureTopics);
            while (!isStopping()) {
                watch.turned();
                try (Consumer<String, byte[]> consumer = brokers.consumer()) {
                    read(consumer, outage);
                } catch (RuntimeException e) { // our own mistakes too: seen in the log, and read again
                    outage.failed(e);
                    pause();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the catalog is not read any more");
        }
    }

    private void read(Consumer<String, byte[]> consumer, OutageLog outage) throws InterruptedException {
        List<TopicPartition> partitions =
                TOPICS.stream().flatMap(topic -> partitions(consumer, topic)).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        outage.succeeded();
        while (!isStopping()) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            take(records);
            watch.turned();
            if (!caughtUp) {
                caughtUp = ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            }
        }
    }

    private static Stream<TopicPartition> partitions(Consumer<String, byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream().map(part -> new TopicPartition(topic, part.partition()));
    }

    /** A record and the change that it reports. */
    private record Read(ConsumerRecord<String, byte[]> record, Change change) {}

    private void take(ConsumerRecords<String, byte[]> records) throws InterruptedException {
        List<Read> read = new ArrayList<>(records.count());
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                Changes.of(record).ifPresent(change -> read.add(new Read(record, change)));
            } catch (BadRecordException e) {
                bury(record, String.valueOf(e.getMessage()));
            }
        }
        if (!read.isEmpty()) {
            untilDone("the catalog", () -> take(read));
        }
    }

    /** Takes in all of these; those that the database refuses for what they contain are put aside. */
    private void take(List<Read> read) throws InterruptedException {
        try {
            observations.take(read.stream().map(Read::change).toList());
        } catch (JdbiException e) {
            if (Refusals.of(e).isEmpty()) {
                throw e;
            }
            for (Read each : read) {
                untilDone("the catalog", () -> takeAlone(each));
            }
        }
    }

    private void takeAlone(Read read) throws InterruptedException {
        try {
            observations.take(List.of(read.change));
        } catch (JdbiException e) {
            Optional<String> state = Refusals.of(e);
            if (state.isEmpty()) {
                throw e;
            }
            LOG.error("the database refuses what a record contains", e);
            bury(read.record, "the database refuses it with SQL state " + state.get());
        }
    }

    private void bury(ConsumerRecord<String, byte[]> record, String reason) throws InterruptedException {
        LOG.warn("{}/{}/{}: {}", record.topic(), record.partition(), record.offset(), reason);
        untilDone("a bad record", () -> sender.bury(record, reason));
    }

    /** Something that needs another part of the platform. */
    private interface Step {
        void run()
                throws StoreUnavailableException, ExecutionException, ContentEvents.PublishException,
                        InterruptedException;
    }

    /** Does {@code step}, again and again while what it needs is down. */
    private void untilDone(String what, Step step) throws InterruptedException {
        OutageLog outage = new OutageLog(LOG, what);
        while (!isStopping()) {
            watch.turned();
            try {
                step.run();
                outage.succeeded();
                return;
            } catch (StoreUnavailableException
                    | ExecutionException
                    | ContentEvents.PublishException
                    | KafkaException
                    | JdbiException e) {
                outage.failed(e);
            } catch (IllegalStateException e) { // a deployment that is set up wrongly: logged until it is set right
                LOG.error("{}: {}", what, e.getMessage());
            }
            pause();
        }
    }
}
