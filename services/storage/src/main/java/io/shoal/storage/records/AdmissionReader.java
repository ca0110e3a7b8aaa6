package io.shoal.storage.records;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
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
import org.jboss.logging.Logger;

/**
 * Reads the rules for tenants, from the beginning at every start, and keeps before when links are void. All other records of the
 * topic are the tracker's, which also reports those that cannot be parsed. No failure ends the thread: each is logged, and
 * reading begins anew.
 */
@ApplicationScoped
class AdmissionReader {
    private static final Logger LOG = Logger.getLogger(AdmissionReader.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(5);

    /** The end of the year 9999: later moments overflow in calculations. */
    private static final long LATEST = 253_402_300_799L;

    private final KafkaClients clients;
    private final VoidedLinks voided;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("admission-reader").unstarted(this::run);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean caughtUp;
    private volatile long lastTurn = System.nanoTime();

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

    /** Returns how long ago the thread was last seen to turn, with Kafka or without. */
    Duration sinceLastTurn() {
        return Duration.ofNanos(System.nanoTime() - lastTurn);
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void run() {
        try {
            do {
                lastTurn = System.nanoTime();
                try (Consumer<String, byte[]> consumer = clients.consumer()) {
                    read(consumer);
                } catch (RuntimeException e) {
                    LOG.warnf("rules for tenants cannot be read, trying again: %s", e);
                } catch (Error e) {
                    LOG.error("rules for tenants cannot be read, trying again", e);
                }
            } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("rules for tenants are not read any more");
        }
    }

    private void read(Consumer<String, byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(Topic.ADMISSION_NAME).stream()
                .map(part -> new TopicPartition(Topic.ADMISSION_NAME, part.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return; // the topic is being created
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (!isStopping()) {
            consumer.poll(POLL).forEach(this::take);
            lastTurn = System.nanoTime();
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
            LOG.warnf("%s-%d@%d: %s", record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }
}
