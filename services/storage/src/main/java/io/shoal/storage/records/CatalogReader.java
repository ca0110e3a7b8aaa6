package io.shoal.storage.records;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.JdbiException;

/**
 * Reads desired and observed state, from the beginning at every start, and takes it into the catalog.
 *
 * <p>Every process reads all of both topics and belongs to no group: so a start waits for nobody's session, nothing is
 * committed, and what was missed while the database was restored is simply read. While the database is down no record is
 * fetched; a record that cannot be understood is put aside, and the reader goes on.
 */
@ApplicationScoped
class CatalogReader {
    private static final Logger LOG = Logger.getLogger(CatalogReader.class);

    private static final List<String> TOPICS = List.of(Topic.TORRENTS_NAME, Topic.STATUS_NAME);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(5);

    private final KafkaClients brokers;
    private final KafkaContentEvents sender;
    private final CatalogWriter observations;
    private final ObjectStore store;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("catalog-reader").unstarted(this::run);
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
        try {
            untilDone("the bucket", store::ensureBucket);
            untilDone("the topics", brokers::ensureTopics);
            while (!isStopping()) {
                try (Consumer<String, byte[]> consumer = brokers.consumer()) {
                    read(consumer);
                } catch (RuntimeException e) { // our own mistakes too: seen in the log, again at each turn
                    LOG.errorf(e, "reading begins anew");
                    pause();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the catalog is not read any more");
        }
    }

    private void read(Consumer<String, byte[]> consumer) throws InterruptedException {
        List<TopicPartition> partitions =
                TOPICS.stream().flatMap(topic -> partitions(consumer, topic)).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (!isStopping()) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            take(records);
            if (!caughtUp) {
                caughtUp = ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            }
        }
    }

    private static Stream<TopicPartition> partitions(Consumer<String, byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream().map(part -> new TopicPartition(topic, part.partition()));
    }

    private void take(ConsumerRecords<String, byte[]> records) throws InterruptedException {
        List<Change> changes = new ArrayList<>(records.count());
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                Changes.of(record).ifPresent(changes::add);
            } catch (BadRecordException e) {
                String reason = String.valueOf(e.getMessage());
                LOG.warnf("%s/%d/%d: %s", record.topic(), record.partition(), record.offset(), reason);
                untilDone("a bad record", () -> sender.bury(record, reason));
            }
        }
        if (!changes.isEmpty()) {
            untilDone("the catalog", () -> observations.take(changes));
        }
    }

    /** Something that needs another part of the platform. */
    private interface Step {
        void run()
                throws StoreUnavailableException, ExecutionException, ContentEvents.PublishException,
                        InterruptedException;
    }

    /** Does {@code step}, again and again while what it needs is down. */
    private void untilDone(String what, Step step) throws InterruptedException {
        while (!isStopping()) {
            try {
                step.run();
                return;
            } catch (StoreUnavailableException
                    | ExecutionException
                    | ContentEvents.PublishException
                    | JdbiException e) {
                LOG.warnf("%s: waiting, %s", what, e.getMessage());
            } catch (
                    IllegalStateException
                            e) { // a deployment that is set up wrongly: it must be seen until it is set right
                LOG.errorf("%s: %s", what, e.getMessage());
            }
            pause();
        }
    }
}
