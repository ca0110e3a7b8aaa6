package io.shoal.tracker.records;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.accounting.Session;
import io.shoal.tracker.accounting.Totals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the ledger, every few seconds. Totals are absolute: what Kafka did not take waits, and nothing is lost as long as
 * the newest gets through. A record that is sent twice does no harm.
 */
public final class AccountingSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingSender.class);
    private static final int VERSION = 1;
    private static final long EVERY_MILLIS = 3_000;
    private static final int ANSWER_MILLIS = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Map<String, Object> kafka;
    private final Ledger ledger;
    private final BooleanSupplier topicsEnsured;
    private final OutageLog outage = new OutageLog(LOG, "Kafka for accounting");
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param topicsEnsured whether the topics are known to exist: nothing is sent before
     * @param failed receives, once, a failure that does not pass by itself
     */
    public AccountingSender(
            KafkaClientConfig kafka, Ledger ledger, BooleanSupplier topicsEnsured, Consumer<Throwable> failed) {
        this.ledger = ledger;
        this.topicsEnsured = topicsEnsured;
        this.kafka = kafka.producer("tracker-accounting");
        this.kafka.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS);
        this.kafka.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        this.kafka.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * ANSWER_MILLIS);
        this.thread = Thread.ofPlatform().name("accounting").unstarted(new LoopWatch().watched(this::run, failed));
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            boolean stops = false;
            while (!stops) {
                stops = stopping.await(EVERY_MILLIS, TimeUnit.MILLISECONDS);
                if (topicsEnsured.getAsBoolean()) {
                    stops |= publish();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        }
    }

    /** Publishes until told to stop, then returns true, or until Kafka is away, then returns false. */
    private boolean publish() throws InterruptedException {
        try (var producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            boolean stops;
            do {
                producer.partitionsFor(
                        Topic.ACCOUNTING_NAME); // waits once for a Kafka that is away, not once a session
                publish(producer);
                outage.succeeded();
                stops = stopping.await(EVERY_MILLIS, TimeUnit.MILLISECONDS);
            } while (!stops);
            publish(producer);
            return true;
        } catch (InterruptException e) {
            throw new InterruptedException();
        } catch (KafkaException e) {
            outage.failed(e);
            return false;
        }
    }

    private void publish(Producer<byte[], byte[]> producer) throws InterruptedException {
        Map<Session, Totals> unsent = ledger.take();
        try {
            Map<Session, Future<RecordMetadata>> sending = new HashMap<>();
            unsent.forEach((session, totals) -> sending.put(session, producer.send(record(session, totals))));
            for (Map.Entry<Session, Future<RecordMetadata>> sent : sending.entrySet()) {
                sent.getValue().get();
                unsent.remove(sent.getKey());
            }
        } catch (ExecutionException e) {
            LOG.warn("accounting of {} sessions waits", unsent.size(), e);
        } finally {
            ledger.putBack(unsent);
        }
    }

    private static ProducerRecord<byte[], byte[]> record(Session session, Totals totals) {
        HexFormat hex = HexFormat.of();
        String infoHash = hex.formatHex(session.torrent().bytes());
        AccountingRecord record = new AccountingRecord(
                VERSION,
                session.tenant(),
                session.user(),
                infoHash,
                hex.formatHex(session.peer().bytes()),
                session.start(),
                totals.uploaded(),
                totals.downloaded(),
                totals.seedingMillis() / 1_000,
                totals.last());
        byte[] key = (session.user() + "/" + infoHash).getBytes(StandardCharsets.US_ASCII);
        return new ProducerRecord<>(Topic.ACCOUNTING_NAME, key, Json.write(record));
    }

    /** Publishes what waits, if Kafka is there. */
    @Override
    public void close() {
        stopping.countDown();
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
