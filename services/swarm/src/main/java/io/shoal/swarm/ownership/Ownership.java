package io.shoal.swarm.ownership;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * <p>One thread owns all of this state and runs {@link #cycle}; other threads only request it to stop. Epochs fence: an
 * owner's first act is a status with an epoch one higher than any before, and a worker that reads a higher epoch than
 * its own on a slice has lost the slice and drops it at once.
 *
 * <p>A consumer that Kafka removes (a predecessor of the same name is still a member, or a session was lost) is always
 * replaced by a new one; the swarms of slices that are still owned go on as long as no other worker has them.
 */
public final class Ownership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final OwnershipConfig config;
    private final SliceFactory factory;
    private final WorkerProducer producer;
    private final StatusPublisher statuses;
    private final ProgressPublisher progress;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private final LoopWatch watch = new LoopWatch();
    private final OutageLog outage = new OutageLog(LOG, "Kafka for the group of workers");
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final Map<Integer, OwnedPartition> partitions = new HashMap<>();
    private final StartQueue startQueue;

    private volatile boolean joined;
    private volatile boolean stopping;
    private volatile boolean leaving;
    private volatile int ownedCount;
    private volatile int partitionCount;

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
        this.factory = factory;
        this.producer = producer;
        this.statuses = new StatusPublisher(config.worker(), producer);
        this.progress = new ProgressPublisher(config.worker(), producer);
        this.nanoTime = nanoTime;
        this.startQueue = new StartQueue(config.startsPerSecond());
        this.thread = Thread.ofPlatform().name("ownership").unstarted(watch.watched(this::run, onFailure));
    }

    /** Joins the fleet. */
    public void start() {
        thread.start();
    }

    /** Whether the group has assigned partitions, perhaps none, and their past is read. */
    public boolean isJoined() {
        return joined;
    }

    /** Whether the thread works: false if it has failed, or hangs, in a way that only a new process can repair. */
    public boolean isAlive() {
        return watch.isAlive();
    }

    /** Number of owned slices. */
    public int owned() {
        return ownedCount;
    }

    /** Number of owned partitions: 0 at first where other workers have them all. */
    public int partitions() {
        return partitionCount;
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
            producer.close();
            ended.complete(null);
        }
    }

    /**
     * Is a member until a stop is requested, or until Kafka removes the member; then returns false, and no slice is
     * owned any more.
     */
    private boolean runMembership() {
        try (GroupMembership membership = new GroupMembership(config, new RebalanceListener())) {
            try {
                while (!stopping) {
                    cycle(membership);
                }
                handOver(List.copyOf(partitions.keySet()));
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
        membership.pollSlices().forEach(this::sliceRead);
        watch.turned();
        membership.pollStatus().forEach(this::statusRead);
        membership.readProgress(this::progressRead);
        watch.turned();
        boolean caughtUp = true;
        for (OwnedPartition partition : partitions.values()) {
            if (!partition.isCaughtUp()) {
                partition.slicesReadTo(membership.slicesPosition(partition.number()));
                partition.statusReadTo(membership.statusPosition(partition.number()));
                if (membership.isProgressRead(partition.number())) {
                    partition.progressReadComplete();
                }
                if (partition.hasJustCaughtUp()) {
                    partition.wanted().forEach((key, record) -> own(partition, key, record));
                    partition.forgetProgress();
                }
                caughtUp &= partition.isCaughtUp();
            }
        }
        joined = caughtUp && membership.isAssigned();
        if (joined) {
            outage.succeeded();
        }
        long now = nanoTime.getAsLong();
        startQueue.startDue(now, this::isOurs, this::claimAndStart);
        List<OwnedSlice> all = allOwned();
        count(all);
        if (statuses.publishDue(all, now)) {
            progress.publishDue(partitions.values(), now);
        }
    }

    // ---- Records read

    private void sliceRead(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null) {
            return;
        }
        try {
            SliceKey key = key(record);
            if (record.value() == null) {
                partition.removeWanted(key);
                OwnedSlice owned = partition.owned().remove(key);
                if (owned != null) {
                    owned.end();
                    statuses.send(owned, owned.status());
                    statuses.sendTombstone(owned);
                }
                return;
            }
            SliceRecord wanted = Json.read(record.value(), SliceRecord.class);
            if (partition.want(key, wanted) && partition.isCaughtUp()) {
                own(partition, key, wanted);
            }
        } catch (BadRecordException e) {
            producer.deadLetter(record, e);
        }
    }

    private void statusRead(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null) {
            return;
        }
        try {
            SliceKey key = key(record);
            if (record.value() == null) {
                partition.statusRemoved(key);
                return;
            }
            StatusRecord status = Json.read(record.value(), StatusRecord.class);
            partition.statusRead(key, status);
            OwnedSlice owned = partition.owned().get(key);
            if (owned != null && status.epoch() > owned.epoch) {
                LOG.warn("{} belongs to {} now", key, status.worker());
                partition.owned().remove(key);
                owned.drop();
            }
        } catch (BadRecordException e) {
            producer.deadLetter(record, e);
        }
    }

    private void progressRead(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null || record.value() == null) {
            return;
        }
        try {
            partition.progressRead(Json.read(record.value(), ProgressRecord.class));
        } catch (BadRecordException e) {
            producer.deadLetter(record, e);
        }
    }

    private static SliceKey key(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        try {
            return SliceKey.parse(record.key() == null ? "" : record.key());
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("no key of a slice", e);
        }
    }

    // ---- Actions

    private void own(OwnedPartition partition, SliceKey key, SliceRecord wanted) {
        OwnedSlice owned = partition.owned().get(key);
        if (owned != null && owned.wanted.gen().equals(wanted.gen())) {
            owned.want(wanted);
            return;
        }
        if (owned != null) {
            owned.drop(); // a later generation: the previous one is obsolete
        }
        OwnedSlice fresh = new OwnedSlice(key, partition.number(), wanted, partition.last(key), factory);
        partition.owned().put(key, fresh);
        startQueue.add(fresh);
    }

    private boolean isOurs(OwnedSlice slice) {
        OwnedPartition partition = partitions.get(slice.partition);
        return partition != null && partition.owned().get(slice.key) == slice;
    }

    /** Publishes the claim, then starts the slice. @return false if Kafka is unavailable */
    private boolean claimAndStart(OwnedSlice slice) {
        if (!statuses.send(slice, slice.claim())) {
            return false;
        }
        slice.start();
        return true;
    }

    /** The partitions go to another worker: everything is stored or spilled, and published. */
    private void handOver(Collection<Integer> numbers) {
        List<OwnedSlice> going = numbers.stream()
                .map(partitions::get)
                .filter(Objects::nonNull)
                .flatMap(partition -> partition.owned().values().stream())
                .filter(OwnedSlice::isStarted)
                .toList();
        CompletableFuture<?>[] safe = going.stream().map(OwnedSlice::handOver).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(safe).get(config.handOver().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("some slices were not stored or spilled in time: {}", e.toString());
        }
        if (publishLast(going)) {
            numbers.forEach(number -> progress.publishAtRest(number, going, nanoTime.getAsLong()));
        }
        producer.flush();
        numbers.forEach(partitions::remove);
        count(allOwned());
    }

    /** Publishes the last status of {@code slices}. @return false if Kafka is unavailable */
    private boolean publishLast(List<OwnedSlice> slices) {
        for (OwnedSlice slice : slices) {
            if (!statuses.send(slice, slice.status())) {
                return false; // each further attempt would take as long
            }
        }
        return true;
    }

    private void dropAll() {
        allOwned().forEach(OwnedSlice::drop);
        partitions.clear();
        startQueue.clear();
        joined = false;
        count(List.of());
    }

    private List<OwnedSlice> allOwned() {
        List<OwnedSlice> all = new ArrayList<>();
        partitions.values().forEach(partition -> all.addAll(partition.owned().values()));
        return all;
    }

    private void count(List<OwnedSlice> owned) {
        ownedCount = owned.size();
        partitionCount = partitions.size();
    }

    /** Handles the assignments of the group. */
    private final class RebalanceListener implements GroupMembership.Listener {
        @Override
        public void assigned(int partition, long slicesEnd, long statusEnd) {
            partitions.put(partition, new OwnedPartition(partition, slicesEnd, statusEnd));
        }

        @Override
        public void revoked(Collection<Integer> gone) {
            handOver(gone);
        }

        @Override
        public void lost(Collection<Integer> gone) {
            for (int number : gone) {
                OwnedPartition lost = partitions.remove(number);
                if (lost != null) {
                    lost.owned().values().forEach(OwnedSlice::drop);
                }
            }
        }
    }
}
