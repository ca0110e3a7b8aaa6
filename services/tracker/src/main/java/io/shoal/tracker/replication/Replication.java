package io.shoal.tracker.replication;

import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topic;
import io.shoal.contracts.topics.Topics;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.records.DeadRecords;
import io.shoal.tracker.records.KafkaThread;
import io.shoal.tracker.swarms.Swarms;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;

/**
 * Shares the swarms with the other replicas: one thread takes in what they tell, another tells what happens here. Both outlast
 * a Kafka that is away; the swarms go on without them.
 */
public final class Replication implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Replication.class);
    private static final long BATCH_MILLIS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Clocks of replicas and brokers may differ by so much. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    /** For frames that wait, in the producer and again before it: together a minute of 14,000 changes a second. */
    private static final int WAITING_BYTES = 16 << 20;

    private final KafkaClientConfig kafka;
    private final int partitions;
    private final Swarms swarms;
    private final Members members;
    private final int replica;
    private final long lifetimeMillis;
    private final LongSupplier clock;
    private final ReplicationTraffic traffic;
    private final Runnable caughtUp;
    private final Consumer<Throwable> failed;
    private final long sender = new SecureRandom().nextLong();
    private final AnnouncesReader reader;
    private final KafkaThread hearing;
    private final Thread telling = Thread.ofPlatform().name("replicas-out").unstarted(this::tell);
    private volatile boolean stopping;
    private Function<Map<String, Object>, Producer<byte[], byte[]>> producers =
            config -> new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());

    /**
     * @param partitions of the deployment
     * @param topicReplication of every topic; -1 for the broker's default
     * @param replica number of this one
     * @param lifetimeMillis after which a silent peer is gone
     * @param clock milliseconds, the one that the swarms' announces have
     * @param caughtUp is run once, when what the others told before is taken in
     * @param failed receives, once, a failure that does not pass by itself
     */
    public Replication(
            KafkaClientConfig kafka,
            int partitions,
            short topicReplication,
            Swarms swarms,
            Members members,
            int replica,
            long lifetimeMillis,
            LongSupplier clock,
            ReplicationTraffic traffic,
            Runnable caughtUp,
            Consumer<Throwable> failed) {
        this.kafka = kafka;
        this.partitions = Topic.ANNOUNCES.partitions(partitions);
        this.swarms = swarms;
        this.members = members;
        this.replica = replica;
        this.lifetimeMillis = lifetimeMillis;
        this.clock = clock;
        this.traffic = traffic;
        this.caughtUp = caughtUp;
        this.failed = failed;
        Inbox inbox = new Inbox(swarms, members, this.partitions, sender, clock, traffic);
        this.reader = new AnnouncesReader(
                inbox, this.partitions, lifetimeMillis + SKEW.toMillis(), System::currentTimeMillis);
        this.hearing = new KafkaThread(
                "replicas-in", kafka, "tracker-" + replica, partitions, topicReplication, new Hearing(), failed);
    }

    /** Before {@link #start}: tells through what {@code made} makes of a configuration. */
    void tellThrough(Function<Map<String, Object>, Producer<byte[], byte[]>> made) {
        producers = made;
    }

    /** Begins. */
    public void start() {
        hearing.start();
    }

    private final class Hearing implements KafkaThread.Task {
        @Override
        public void prepare(Topics topics) throws ExecutionException, InterruptedException {
            topics.retain(Topic.ANNOUNCES, Duration.ofMillis(lifetimeMillis).plus(SKEW.multipliedBy(2)));
            telling.start();
        }

        @Override
        public void read(KafkaConsumer<byte[], byte[]> consumer, DeadRecords dead, Runnable turn) {
            reader.run(consumer, dead, caughtUp, turn);
        }
    }

    private void tell() {
        Map<String, Object> config = kafka.producer("tracker-" + replica);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, WAITING_BYTES);
        // A thread that waits for room here would let the shards' outboxes overflow.
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BATCH_MILLIS);
        Publisher publisher;
        try {
            publisher = new Publisher(
                    producers.apply(config),
                    WAITING_BYTES,
                    swarms,
                    members,
                    partitions,
                    replica,
                    sender,
                    clock,
                    traffic);
        } catch (RuntimeException e) {
            failed.accept(e);
            return;
        }
        try {
            while (!stopping) {
                TimeUnit.MILLISECONDS.sleep(BATCH_MILLIS);
                publisher.publish();
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.debug("stopped", e);
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
        publisher.close(PATIENCE);
    }

    /** Whether the reader of the other replicas goes on. */
    public boolean isAlive() {
        return hearing.isAlive();
    }

    /** Returns when what happened here was told, or Kafka did not take it for a while. */
    @Override
    public void close() {
        stopping = true;
        hearing.close();
        try {
            if (telling.getState() != Thread.State.NEW && !telling.join(PATIENCE.multipliedBy(2))) {
                // It waits for a Kafka that is away.
                telling.interrupt();
                telling.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
