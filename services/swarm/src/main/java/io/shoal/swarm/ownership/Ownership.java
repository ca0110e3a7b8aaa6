package io.shoal.swarm.ownership;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which slices are ours. A partition of {@code slices} belongs to one member of the group; what it says is state, so its past
 * is read from the beginning and offsets are never committed. Of {@code status} the same partitions are read along: before
 * anything is begun to learn what a predecessor did, afterwards to notice that a successor has begun.
 *
 * <p>One thread owns all of this and runs the cycle of {@link #cycle}; other threads only ask it to stop. Epochs fence: an
 * owner's first act is a status with an epoch one higher than any before, and whoever sees a higher one than its own on a slice
 * has lost it and drops it at once.
 *
 * <p>A consumer that Kafka throws out (a predecessor of the same name is still a member, a session was lost) is replaced by a
 * new one, for ever; the swarms of slices that are still ours go on as long as nobody else has them.
 */
public final class Ownership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final OwnershipConfig config;
    private final SliceFactory factory;
    private final StatusPublisher statuses;
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
     * @param onFailure receives what ended this worker's ownership without its having been told to stop: only a new process can go on
     */
    public Ownership(OwnershipConfig config, SliceFactory factory, Consumer<Throwable> onFailure) {
        this(config, factory, new StatusPublisher(config), onFailure);
    }

    Ownership(OwnershipConfig config, SliceFactory factory, StatusPublisher statuses, Consumer<Throwable> onFailure) {
        this.config = config;
        this.factory = factory;
        this.statuses = statuses;
        this.startQueue = new StartQueue(config.startsPerSecond());
        this.thread = Thread.ofPlatform().name("ownership").unstarted(watch.watched(this::run, onFailure));
    }

    /** Joins the fleet. */
    public void start() {
        thread.start();
    }

    /** Whether the group has assigned us our partitions, perhaps none, and their past is read. */
    public boolean isJoined() {
        return joined;
    }

    /** Whether it goes on: false if it has failed, or hangs, in a way that only a new process can mend. */
    public boolean isAlive() {
        return watch.isAlive();
    }

    /** Slices that are ours. */
    public int owned() {
        return ownedCount;
    }

    /** Partitions that are ours: none at first where others have them all. */
    public int partitions() {
        return partitionCount;
    }

    /**
     * Hands everything over and ends.
     *
     * @param leave true to leave the group, so that others take over at once (a scale-down); false to stay in it, so that
     *     nothing moves until we are back or the session ends (a restart)
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
            statuses.close();
            ended.complete(null);
        }
    }

    /** Is a member until told to stop, or until Kafka throws us out; then answers false, and nothing is ours any more. */
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
                dropAll(); // before closing, which would hand over what is not ours any more
                return false;
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            outage.failed(e);
            return false;
        }
    }

    /** One turn: hear what is wanted and what is said, begin what is due, tell what is due. */
    private void cycle(GroupMembership membership) {
        membership.pollSlices().forEach(this::sliceRead);
        watch.turned();
        membership.pollStatus().forEach(this::statusRead);
        boolean caughtUp = true;
        for (OwnedPartition partition : partitions.values()) {
            if (!partition.isCaughtUp()) {
                partition.slicesReadTo(membership.slicesPosition(partition.number()));
                partition.statusReadTo(membership.statusPosition(partition.number()));
                if (partition.hasJustCaughtUp()) {
                    partition.wanted().forEach((key, record) -> own(partition, key, record));
                }
                caughtUp &= partition.isCaughtUp();
            }
        }
        joined = caughtUp && membership.isAssigned();
        if (joined) {
            outage.succeeded();
        }
        long now = System.nanoTime();
        startQueue.startDue(now, this::isOurs, this::claimAndStart);
        List<OwnedSlice> all = allOwned();
        count(all);
        statuses.publishDue(all, now);
    }

    // ---- What is read

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
            statuses.deadLetter(record, e);
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
            statuses.deadLetter(record, e);
        }
    }

    private static SliceKey key(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        try {
            return SliceKey.parse(record.key() == null ? "" : record.key());
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("no key of a slice", e);
        }
    }

    // ---- What follows

    private void own(OwnedPartition partition, SliceKey key, SliceRecord wanted) {
        OwnedSlice owned = partition.owned().get(key);
        if (owned != null && owned.wanted.gen().equals(wanted.gen())) {
            owned.want(wanted);
            return;
        }
        if (owned != null) {
            owned.drop(); // a later generation: the one before is dead
        }
        OwnedSlice fresh = new OwnedSlice(key, partition.number(), wanted, partition.last(key), factory);
        partition.owned().put(key, fresh);
        startQueue.add(fresh);
    }

    private boolean isOurs(OwnedSlice slice) {
        OwnedPartition partition = partitions.get(slice.partition);
        return partition != null && partition.owned().get(slice.key) == slice;
    }

    /** Claims it first, begins then. @return false if Kafka is away */
    private boolean claimAndStart(OwnedSlice slice) {
        if (!statuses.send(slice, slice.claim())) {
            return false;
        }
        slice.start();
        return true;
    }

    /** The partitions go to another: all is made safe and told. */
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
        for (OwnedSlice slice : going) {
            if (!statuses.send(slice, slice.status())) {
                break; // Kafka is away, and each further try would take its time
            }
        }
        statuses.flush();
        numbers.forEach(partitions::remove);
        count(allOwned());
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

    /** What the group decides. */
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
