package io.shoal.swarm.ownership;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code demand} of the partitions that this worker owns, from their ends, on a thread of its own: a demand must not wait for
 * the ownership cycle, nor delay it. What was asked before a partition was gained comes again with the next renewal. While nothing is
 * asked the thread waits for the broker, one request a second.
 */
final class DemandReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemandReader.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(3);

    private final Supplier<Consumer<String, byte[]>> consumers;
    private final Supplier<Set<Integer>> partitions;
    private final Inspections inspections;
    private final BiConsumer<ConsumerRecord<String, byte[]>, BadRecordException> bad;
    private final LoopWatch watch = new LoopWatch();
    private final OutageLog outage = new OutageLog(LOG, "The topic of demands");
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer<String, byte[]> open;

    /**
     * @param partitions returns those that the worker owns
     * @param bad receives each record that cannot be parsed, on this reader's thread
     * @param onFailure receives what has ended the thread without a request to stop
     */
    DemandReader(
            OwnershipConfig config,
            Supplier<Set<Integer>> partitions,
            Inspections inspections,
            BiConsumer<ConsumerRecord<String, byte[]>, BadRecordException> bad,
            java.util.function.Consumer<Throwable> onFailure) {
        this.consumers = () -> consumer(config);
        this.partitions = partitions;
        this.inspections = inspections;
        this.bad = bad;
        this.thread = Thread.ofPlatform().daemon().name("demand").unstarted(watch.watched(this::run, onFailure));
    }

    private static Consumer<String, byte[]> consumer(OwnershipConfig config) {
        Map<String, Object> settings = config.kafka().consumer(config.worker() + "-demand");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, Math.toIntExact(POLL.toMillis()));
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return watch.isAlive();
    }

    private void run() {
        while (stopping.getCount() > 0) {
            watch.turned();
            if (!partitions.get().isEmpty()) {
                try (Consumer<String, byte[]> consumer = consumers.get()) {
                    open = consumer;
                    follow(consumer);
                } catch (WakeupException | InterruptException e) {
                    return;
                } catch (KafkaException e) {
                    outage.failed(e);
                } finally {
                    open = null;
                }
            }
            pause();
        }
    }

    private void pause() {
        try {
            if (stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("stopping");
            }
        } catch (InterruptedException e) {
            stopping.countDown();
        }
    }

    /** Reads until the worker owns nothing. */
    private void follow(Consumer<String, byte[]> consumer) {
        Set<Integer> assigned = Set.of();
        while (stopping.getCount() > 0) {
            Set<Integer> owned = partitions.get();
            if (owned.isEmpty()) {
                return;
            }
            if (!owned.equals(assigned)) {
                assign(consumer, owned, assigned);
                assigned = owned;
            }
            consumer.poll(POLL).forEach(this::read);
            outage.succeeded();
            watch.turned();
        }
    }

    private static void assign(Consumer<String, byte[]> consumer, Set<Integer> owned, Set<Integer> before) {
        Set<Integer> gained = new HashSet<>(owned);
        gained.removeAll(before);
        consumer.assign(topicPartitions(owned));
        if (!gained.isEmpty()) { // none would mean all
            consumer.seekToEnd(topicPartitions(gained));
        }
    }

    private static Collection<TopicPartition> topicPartitions(Set<Integer> numbers) {
        return numbers.stream()
                .map(number -> new TopicPartition(Topic.DEMAND_NAME, number))
                .toList();
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        try {
            SliceKey key = SliceKey.parse(record.key() == null ? "" : record.key());
            byte[] value = record.value() == null ? new byte[0] : record.value();
            switch (Json.read(value, DemandRecord.class)) {
                case DemandRecord.Inspect inspect -> inspections.add(key, record.partition(), inspect);
                case DemandRecord.Other later -> LOG.debug("a demand of the kind {} is passed over", later.kind());
            }
        } catch (IllegalArgumentException e) {
            bad.accept(record, new BadRecordException("no key of a slice", e));
        } catch (BadRecordException e) {
            bad.accept(record, e);
        }
    }

    /** Ends reading, without waiting for that. */
    void stop() {
        stopping.countDown();
        Consumer<String, byte[]> consumer = open;
        if (consumer != null) {
            consumer.wakeup();
        }
    }

    @Override
    public void close() {
        stop();
        try {
            if (!thread.join(END)) {
                LOG.warn("the reader of demands does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
