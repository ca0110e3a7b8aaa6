package io.shoal.swarm.ownership;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this worker owns, and their slices: which of them run follows from the records that are read here.
 * Used by the ownership thread only, except for its counters.
 *
 * <p>Invariant: epochs fence. An owner's first act is a status with an epoch one higher than any before, and a worker that
 * reads a higher epoch than its own on a slice has lost the slice and drops it at once.
 */
final class OwnedPartitions implements GroupMembership.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedPartitions.class);

    private final OwnershipConfig config;
    private final SliceFactory factory;
    private final WorkerProducer producer;
    private final StatusPublisher statuses;
    private final ProgressPublisher progress;
    private final SwarmPublisher swarms;
    private final LongSupplier nanoTime;
    private final StartQueue startQueue;
    private final Map<Integer, OwnedPartition> partitions = new HashMap<>();

    private volatile int ownedCount;
    private volatile Set<Integer> numbers = Set.of();

    /**
     * @param inspections the slices whose swarms are looked at
     * @param nanoTime the clock by which slices are started and what they report is published
     */
    OwnedPartitions(
            OwnershipConfig config,
            SliceFactory factory,
            WorkerProducer producer,
            Inspections inspections,
            LongSupplier nanoTime) {
        this.config = config;
        this.factory = factory;
        this.producer = producer;
        this.statuses = new StatusPublisher(config.worker(), producer);
        this.progress = new ProgressPublisher(config.worker(), producer);
        this.swarms = new SwarmPublisher(config.worker(), producer, inspections);
        this.nanoTime = nanoTime;
        this.startQueue = new StartQueue(config.startsPerSecond());
    }

    /** Returns the number of owned slices. Any thread. */
    int owned() {
        return ownedCount;
    }

    /** Returns the number of partitions. Any thread. */
    int count() {
        return numbers.size();
    }

    /** Returns the numbers of the partitions. Any thread. */
    Set<Integer> numbers() {
        return numbers;
    }

    // ---- Assignments of the group

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

    /** Notes how far the past of each partition has been read. @return whether that of all has been read */
    boolean catchUp(PastReader past) {
        boolean caughtUp = true;
        for (OwnedPartition partition : partitions.values()) {
            if (!partition.isCaughtUp()) {
                partition.slicesReadTo(past.slicesPosition(partition.number()));
                partition.statusReadTo(past.statusPosition(partition.number()));
                if (past.isProgressRead(partition.number())) {
                    partition.progressReadComplete();
                }
                if (partition.hasJustCaughtUp()) {
                    partition.wanted().forEach((key, record) -> own(partition, key, record));
                    partition.forgetProgress();
                }
                caughtUp &= partition.isCaughtUp();
            }
        }
        return caughtUp;
    }

    /** Starts what is due, then publishes what is due. */
    void startAndPublish() {
        long now = nanoTime.getAsLong();
        startQueue.startDue(now, this::isOurs, this::claimAndStart);
        List<OwnedSlice> all = allOwned();
        updateCounts(all);
        if (statuses.publishDue(all, now)) {
            progress.publishDue(partitions.values(), now);
            removeUnwanted(now);
            swarms.publishDue(partitions, now);
        }
    }

    private void removeUnwanted(long now) {
        int room = UnwantedStatuses.AT_ONCE;
        for (OwnedPartition partition : partitions.values()) {
            if (partition.isCaughtUp()) {
                List<SliceKey> due = partition.unwanted.due(now, room);
                room -= due.size();
                for (int i = 0; i < due.size(); i++) {
                    if (!statuses.sendTombstone(partition.number(), due.get(i).toString())) {
                        partition.unwanted.refused(due.subList(i, due.size()), now);
                        return; // Kafka is unavailable: each of the others would only wait as long
                    }
                }
            }
        }
    }

    // ---- Records read

    void sliceRead(ConsumerRecord<String, byte[]> record) {
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
                    if (statuses.send(owned, owned.status())) {
                        statuses.sendTombstone(partition.number(), owned.keyText);
                    }
                }
                return;
            }
            SliceRecord wanted = readable(partition, key, record.value());
            if (partition.want(key, wanted) && partition.isCaughtUp()) {
                own(partition, key, wanted);
            }
        } catch (BadRecordException e) {
            producer.deadLetter(record, e);
        }
    }

    /** Parses what is wanted of a slice. Without that its status is kept: it has the epoch and the totals. */
    private static SliceRecord readable(OwnedPartition partition, SliceKey key, byte[] value)
            throws BadRecordException {
        try {
            return Json.read(value, SliceRecord.class);
        } catch (BadRecordException e) {
            partition.wantUnreadable(key);
            throw e;
        }
    }

    void statusRead(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null) {
            return;
        }
        try {
            SliceKey key = key(record);
            if (record.value() == null) {
                partition.statusRemoved(key);
                OwnedSlice published = partition.owned().get(key);
                if (published != null && published.isStarted()) {
                    published.schedule.deliveryFailed(); // a former owner has removed what this one has published
                }
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

    void progressRead(ConsumerRecord<String, byte[]> record) {
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

    /** Hands all partitions over. */
    void handOverAll() {
        handOver(List.copyOf(partitions.keySet()));
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
        updateCounts(allOwned());
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

    /** All slices are lost: nothing more is written for them. */
    void dropAll() {
        allOwned().forEach(OwnedSlice::drop);
        partitions.clear();
        startQueue.clear();
        updateCounts(List.of());
    }

    private List<OwnedSlice> allOwned() {
        List<OwnedSlice> all = new ArrayList<>();
        partitions.values().forEach(partition -> all.addAll(partition.owned().values()));
        return all;
    }

    private void updateCounts(List<OwnedSlice> owned) {
        ownedCount = owned.size();
        if (!numbers.equals(partitions.keySet())) {
            numbers = Set.copyOf(partitions.keySet());
        }
    }
}
