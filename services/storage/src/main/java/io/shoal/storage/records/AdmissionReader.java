package io.shoal.storage.records;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.storage.tenants.VoidedLinks;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rules for tenants, from the beginning at every start, and keeps the time before which links are void. All other records
 * of the topic are the tracker's, which also reports those that cannot be parsed. After a failure reading begins anew.
 */
@ApplicationScoped
class AdmissionReader {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionReader.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(5);

    /** The end of the year 9999: later moments overflow in calculations. */
    private static final long LATEST = 253_402_300_799L;

    private final KafkaClients clients;
    private final VoidedLinks voided;
    private final LoopWatch watch = new LoopWatch();
    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .name("admission-reader")
            .unstarted(watch.watched(this::run, AdmissionReader::died));
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean caughtUp;

    AdmissionReader(KafkaClients clients, VoidedLinks voided) {
        this.clients = clients;
        this.voided = voided;
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping.countDown();
        thread.join(STOPPING);
    }

    /** Whether all that was there at the start has been read once. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    /** Whether the reader goes on. */
    boolean isAlive() {
        return watch.isAlive();
    }

    private static void died(Throwable cause) {
        LOG.error("rules for tenants are not read any more, and this process ends", cause);
        Quarkus.asyncExit(1);
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void run() {
        OutageLog outage = new OutageLog(LOG, "the rules for tenants");
        try {
            do {
                watch.turned();
                try (Consumer<String, byte[]> consumer = clients.consumer()) {
                    read(consumer, outage);
                } catch (RuntimeException e) { // faults of ours too: seen in the log, and read again
                    outage.failed(e);
                }
            } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("rules for tenants are not read any more");
        }
    }

    private void read(Consumer<String, byte[]> consumer, OutageLog outage) {
        List<TopicPartition> partitions = consumer.partitionsFor(Topic.ADMISSION_NAME).stream()
                .map(part -> new TopicPartition(Topic.ADMISSION_NAME, part.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return; // the topic is being created
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        outage.succeeded();
        while (!isStopping()) {
            consumer.poll(POLL).forEach(this::take);
            watch.turned();
            caughtUp = caughtUp
                    || ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        if (record.key() == null || !record.key().startsWith(AdmissionKey.TENANT)) {
            return;
        }
        try {
            if (!(AdmissionKey.parse(record.key()) instanceof AdmissionKey.OfTenant tenant)) {
                return;
            }
            if (record.value() == null) {
                voided.set(tenant.tenant(), null);
            } else if (Json.read(record.value(), AdmissionRecord.class) instanceof AdmissionRecord.TenantRules rules) {
                voided.set(tenant.tenant(), Instant.ofEpochSecond(Math.min(rules.linksVoidBefore(), LATEST)));
            }
        } catch (BadRecordException | IllegalArgumentException e) { // the tracker puts it aside
            LOG.warn("{}-{}@{}: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }
}
