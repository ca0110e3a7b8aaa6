package io.shoal.swarm.ownership;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which slices this worker owns. A partition of {@code slices} belongs to one member of the group. Its records
 * are state, so its past is read from the start and offsets are never committed. The same partitions of {@code status}
 * are read too: before a slice is started to learn what a predecessor did, afterwards to notice that a successor has
 * started. So are the last minutes of {@code progress}, for what a predecessor counted after its last status.
 *
 * <p>One thread owns all of this state, which is in {@link OwnedPartitions}, and runs {@link #cycle}; other threads only
 * request it to stop. What users look at reaches it from a {@link DemandReader}, which has a thread of its own.
 *
 * <p>A consumer that Kafka removes (a predecessor of the same name is still a member, or a session was lost) is always
 * replaced by a new one; its slices are dropped first, since other workers may own them by then. While Kafka is only out
 * of reach, their swarms go on.
 */
public final class Ownership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final OwnershipConfig config;
    private final WorkerProducer producer;
    private final OwnedPartitions partitions;
    private final DemandReader demand;
    private final Thread thread;
    private final LoopWatch watch = new LoopWatch();
    private final OutageLog outage = new OutageLog(LOG, "Kafka for the group of workers");
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** Demands that cannot be parsed, until this thread puts them aside; more are only left out. */
    private final Queue<Unreadable> unreadable = new ArrayBlockingQueue<>(1_000);

    private record Unreadable(ConsumerRecord<String, byte[]> record, BadRecordException reason) {}

    private volatile boolean joined;
    private volatile boolean stopping;
    private volatile boolean leaving;

    /**
     * @param onFailure receives what ended this worker's ownership without a request to stop: only a new process can
     *     continue
     */
    public Ownership(OwnershipConfig config, SliceFactory factory, Consumer<Throwable> onFailure) {
        this(config, factory, new WorkerProducer(config), System::nanoTime, onFailure);
    }

    /** @param nanoTime the clock by which slices are started and what they report is published */
    Ownership(
            OwnershipConfig config,
            SliceFactory factory,
            WorkerProducer producer,
            LongSupplier nanoTime,
            Consumer<Throwable> onFailure) {
        this.config = config;
        this.producer = producer;
        Inspections inspections = new Inspections(System::currentTimeMillis);
        this.partitions = new OwnedPartitions(config, factory, producer, inspections, nanoTime);
        this.demand = new DemandReader(
                config,
                partitions::numbers,
                inspections,
                (record, reason) -> unreadable.offer(new Unreadable(record, reason)),
                onFailure);
        this.thread = Thread.ofPlatform().name("ownership").unstarted(watch.watched(this::run, onFailure));
    }

    /** Joins the fleet. */
    public void start() {
        demand.start();
        thread.start();
    }

    /** Whether the group has assigned partitions, perhaps none, and their past is read. */
    public boolean isJoined() {
        return joined;
    }

    /** Whether its threads work: false if one has failed, or hangs, in a way that only a new process can repair. */
    public boolean isAlive() {
        return watch.isAlive() && demand.isAlive();
    }

    /** Number of owned slices. */
    public int owned() {
        return partitions.owned();
    }

    /** Number of owned partitions: 0 at first where other workers have them all. */
    public int partitions() {
        return partitions.count();
    }

    /** Number of records sent to {@code topic}, of status or of progress. */
    public long sent(Topic topic) {
        return producer.accepted(topic);
    }

    /**
     * Hands all slices over and ends.
     *
     * @param leave true to leave the group, so that other workers take over at once (a scale-down); false to stay in
     *     it, so that nothing moves until this worker is back or the session ends (a restart)
     */
    public void stop(boolean leave) {
        leaving = leave;
        stopping = true;
        demand.stop();
        try {
            ended.get(config.handOver().plusSeconds(20).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("not all slices were handed over", e);
        }
    }

    @Override
    public void close() {
        stop(false);
    }

    private void run() {
        try {
            while (!stopping) {
                watch.turned();
                if (!runMembership()) {
                    TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            dropAll();
            demand.close();
            producer.close();
            ended.complete(null);
        }
    }

    /**
     * Is a member until a stop is requested, or until Kafka removes the member; then returns false, and no slice is
     * owned any more.
     */
    private boolean runMembership() {
        try (GroupMembership membership = new GroupMembership(config, partitions)) {
            try {
                while (!stopping) {
                    cycle(membership);
                }
                partitions.handOverAll();
                if (leaving) {
                    membership.leaveGroup();
                }
                return true;
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                LOG.warn("out of the group, joining again", e);
                dropAll(); // before closing, which would hand over slices that are not owned any more
                return false;
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            outage.failed(e);
            return false;
        }
    }

    /** One cycle: reads what is wanted and what is published, starts what is due, publishes what is due. */
    private void cycle(GroupMembership membership) {
        membership.pollSlices().forEach(partitions::sliceRead);
        watch.turned();
        membership.pollStatus().forEach(partitions::statusRead);
        membership.readProgress(partitions::progressRead);
        watch.turned();
        joined = partitions.catchUp(membership) && membership.isAssigned();
        if (joined) {
            outage.succeeded();
        }
        partitions.startAndPublish();
        for (Unreadable next = unreadable.poll(); next != null; next = unreadable.poll()) {
            producer.deadLetter(next.record, next.reason);
        }
    }

    private void dropAll() {
        partitions.dropAll();
        joined = false;
    }
}
