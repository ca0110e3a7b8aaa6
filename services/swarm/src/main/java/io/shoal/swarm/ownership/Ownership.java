package io.shoal.swarm.ownership;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.DeadRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
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
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int HEARTBEATS_PER_SESSION = 5;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final OwnershipConfig config;
    private final Work work;
    private final Statuses statuses;
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final Map<Integer, OwnedPartition> partitions = new HashMap<>();
    private final Deque<OwnedSlice> waiting = new ArrayDeque<>();
    private long lastStarts = System.nanoTime();

    private volatile boolean joined;
    private volatile boolean stopping;
    private volatile boolean leaving;
    private volatile int ownedCount;

    public Ownership(OwnershipConfig config, Work work) {
        this.config = config;
        this.work = work;
        this.statuses = new Statuses(config);
        this.thread = Thread.ofPlatform().name("ownership").unstarted(this::run);
    }

    /** Joins the fleet. */
    public void start() {
        thread.start();
    }

    /** Whether the group has assigned us our partitions, perhaps none, and their past is read. */
    public boolean isJoined() {
        return joined;
    }

    /** Whether it goes on: false after {@link #stop}, or if it has failed in a way that only a new process can mend. */
    public boolean isAlive() {
        return !ended.isDone();
    }

    /** Slices that are ours. */
    public int owned() {
        return ownedCount;
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
                if (!belong()) {
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
    private boolean belong() {
        try (Members members = new Members()) {
            try {
                while (!stopping) {
                    cycle(members);
                }
                handOver(List.copyOf(partitions.keySet()));
                members.leave = leaving;
                return true;
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                LOG.warn("out of the group, joining again: {}", e.toString());
                dropAll(); // before closing, which would hand over what is not ours any more
                return false;
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("cannot join the group now: {}", e.toString());
            return false;
        }
    }

    /** One turn: hear what is wanted and what is said, begin what is due, tell what is due. */
    private void cycle(Members members) {
        members.slices.poll(POLL).forEach(this::wanted);
        if (!partitions.isEmpty()) {
            members.status.poll(Duration.ZERO).forEach(this::said);
        }
        boolean all = true;
        for (OwnedPartition partition : partitions.values()) {
            if (!partition.isCaughtUp()) {
                partition.slicesReadTo(members.slices.position(slices(partition.number())));
                partition.statusReadTo(members.status.position(status(partition.number())));
                if (partition.hasJustCaughtUp()) {
                    partition.wanted().forEach((key, record) -> own(partition, key, record));
                }
                all &= partition.isCaughtUp();
            }
        }
        joined = all && members.assigned;
        startSome();
        statuses.tell(allOwned(), System.nanoTime());
    }

    // ---- What is read

    private void wanted(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null) {
            return;
        }
        try {
            SliceKey key = key(record);
            if (record.value() == null) {
                partition.wantNoMore(key);
                OwnedSlice owned = partition.owned().remove(key);
                if (owned != null) {
                    end(owned);
                }
                return;
            }
            SliceRecord wanted = Json.read(record.value(), SliceRecord.class);
            if (partition.want(key, wanted) && partition.isCaughtUp()) {
                own(partition, key, wanted);
            }
        } catch (BadRecordException e) {
            bury(record, e);
        }
    }

    private void said(ConsumerRecord<String, byte[]> record) {
        OwnedPartition partition = partitions.get(record.partition());
        if (partition == null) {
            return;
        }
        try {
            SliceKey key = key(record);
            if (record.value() == null) {
                partition.saidNoMore(key);
                return;
            }
            StatusRecord said = Json.read(record.value(), StatusRecord.class);
            partition.said(key, said);
            OwnedSlice owned = partition.owned().get(key);
            if (owned != null && said.epoch() > owned.epoch) {
                LOG.warn("{} belongs to {} now", key, said.worker());
                partition.owned().remove(key);
                drop(owned);
            }
        } catch (BadRecordException e) {
            bury(record, e);
        }
    }

    private static SliceKey key(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        try {
            return SliceKey.parse(record.key() == null ? "" : record.key());
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("no key of a slice", e);
        }
    }

    private void bury(ConsumerRecord<String, byte[]> record, BadRecordException reason) {
        statuses.bury(new DeadRecord(
                1,
                record.topic(),
                record.partition(),
                record.offset(),
                String.valueOf(reason.getMessage()),
                record.key(),
                record.value()));
    }

    // ---- What follows

    private void own(OwnedPartition partition, SliceKey key, SliceRecord wanted) {
        OwnedSlice owned = partition.owned().get(key);
        if (owned != null && owned.wanted.gen().equals(wanted.gen())) {
            owned.wanted = wanted;
            Slice running = owned.running();
            if (running != null) {
                running.want(wanted);
            }
            return;
        }
        if (owned != null) {
            drop(owned); // a later generation: the one before is dead
        }
        OwnedSlice fresh = new OwnedSlice(key, partition.number(), wanted, partition.last(key), work);
        partition.owned().put(key, fresh);
        waiting.add(fresh);
    }

    /** Begins slices in the order in which they came, so many a second that neither the store nor trackers are flooded. */
    private void startSome() {
        long now = System.nanoTime();
        long due = (now - lastStarts) * config.startsPerSecond() / 1_000_000_000L;
        if (waiting.isEmpty()) {
            lastStarts = now;
            return;
        }
        for (long n = Math.min(due, config.startsPerSecond()); n > 0 && !waiting.isEmpty(); n--) {
            OwnedSlice slice = waiting.remove();
            OwnedPartition partition = partitions.get(slice.partition);
            if (partition != null && partition.owned().get(slice.key) == slice && statuses.send(slice, slice.claim())) {
                slice.start();
            } else if (partition != null && partition.owned().get(slice.key) == slice) {
                waiting.addFirst(slice); // Kafka is away: claim first, begin then
                return;
            }
            lastStarts = now;
        }
    }

    private void end(OwnedSlice slice) {
        Slice running = slice.running();
        if (running != null) {
            var _ = running.end().exceptionally(failure -> {
                LOG.warn("{} did not end well", slice.key, failure);
                return null;
            });
        }
        statuses.send(slice, slice.observe());
        statuses.forget(slice);
    }

    private static void drop(OwnedSlice slice) {
        Slice running = slice.running();
        if (running != null) {
            running.drop();
        }
    }

    /** The partitions go to another: all is made safe and told. */
    private void handOver(Collection<Integer> numbers) {
        List<OwnedSlice> going = new ArrayList<>();
        List<CompletableFuture<Void>> safe = new ArrayList<>();
        for (int number : numbers) {
            OwnedPartition partition = partitions.get(number);
            if (partition != null) {
                for (OwnedSlice slice : partition.owned().values()) {
                    Slice running = slice.running();
                    if (running != null) {
                        going.add(slice);
                        safe.add(running.handOver());
                    }
                }
            }
        }
        try {
            CompletableFuture.allOf(safe.toArray(CompletableFuture<?>[]::new))
                    .get(config.handOver().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("some slices were not stored or spilled in time: {}", e.toString());
        }
        for (OwnedSlice slice : going) {
            statuses.send(slice, slice.observe());
        }
        statuses.flush();
        numbers.forEach(partitions::remove);
        countOwned();
    }

    private void dropAll() {
        allOwned().forEach(Ownership::drop);
        partitions.clear();
        waiting.clear();
        joined = false;
        countOwned();
    }

    private List<OwnedSlice> allOwned() {
        List<OwnedSlice> all = new ArrayList<>();
        partitions.values().forEach(partition -> all.addAll(partition.owned().values()));
        ownedCount = all.size();
        return all;
    }

    private void countOwned() {
        ownedCount =
                partitions.values().stream().mapToInt(p -> p.owned().size()).sum();
    }

    private static TopicPartition slices(int partition) {
        return new TopicPartition(Topic.SLICES_NAME, partition);
    }

    private static TopicPartition status(int partition) {
        return new TopicPartition(Topic.STATUS_NAME, partition);
    }

    /** Our two consumers: the one that is a member of the group, and the one that reads along. */
    private final class Members implements ConsumerRebalanceListener, AutoCloseable {
        final KafkaConsumer<String, byte[]> slices;
        final KafkaConsumer<String, byte[]> status;
        boolean assigned;
        boolean leave;

        Members() {
            shortenSession();
            slices = consumer(Map.of(
                    ConsumerConfig.GROUP_ID_CONFIG,
                    OwnershipConfig.GROUP,
                    ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                    "consumer",
                    ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                    config.worker()));
            status = consumer(Map.of());
            slices.subscribe(List.of(Topic.SLICES_NAME), this);
        }

        /** The group's session is the group's own setting; every member sets the same. */
        private void shortenSession() {
            ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, OwnershipConfig.GROUP);
            ConfigEntry session = new ConfigEntry(
                    "consumer.session.timeout.ms",
                    Long.toString(config.session().toMillis()));
            ConfigEntry heartbeat = new ConfigEntry(
                    "consumer.heartbeat.interval.ms",
                    Long.toString(config.session().toMillis() / HEARTBEATS_PER_SESSION));
            try (Admin admin =
                    Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers()))) {
                admin.incrementalAlterConfigs(Map.of(
                                group,
                                List.of(
                                        new AlterConfigOp(session, AlterConfigOp.OpType.SET),
                                        new AlterConfigOp(heartbeat, AlterConfigOp.OpType.SET))))
                        .all()
                        .get();
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            } catch (ExecutionException e) {
                throw new KafkaException("the session of the group cannot be set", e.getCause());
            }
        }

        private KafkaConsumer<String, byte[]> consumer(Map<String, String> more) {
            Map<String, Object> all = new HashMap<>(more);
            all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
            all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
            all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
            all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "2000");
            return new KafkaConsumer<>(all, new StringDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> fresh) {
            assigned = true;
            if (fresh.isEmpty()) {
                return;
            }
            List<TopicPartition> along =
                    fresh.stream().map(each -> status(each.partition())).toList();
            Map<TopicPartition, Long> slicesEnd = slices.endOffsets(fresh);
            Map<TopicPartition, Long> statusEnd = status.endOffsets(along);
            for (TopicPartition each : fresh) {
                int number = each.partition();
                partitions.put(
                        number,
                        new OwnedPartition(
                                number, slicesEnd.getOrDefault(each, 0L), statusEnd.getOrDefault(status(number), 0L)));
            }
            slices.seekToBeginning(fresh);
            readAlong();
            status.seekToBeginning(along);
            LOG.info("assigned {} partitions, {} in all", fresh.size(), partitions.size());
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> gone) {
            LOG.info("{} partitions are revoked", gone.size());
            handOver(gone.stream().map(TopicPartition::partition).toList());
            readAlong();
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> gone) {
            LOG.warn("{} partitions are lost", gone.size());
            for (TopicPartition each : gone) {
                OwnedPartition lost = partitions.remove(each.partition());
                if (lost != null) {
                    lost.owned().values().forEach(Ownership::drop);
                }
            }
            readAlong();
        }

        private void readAlong() {
            status.assign(partitions.keySet().stream().map(Ownership::status).toList());
        }

        @Override
        public void close() {
            joined = false;
            slices.close(CloseOptions.timeout(Duration.ofSeconds(5))
                    .withGroupMembershipOperation(
                            leave ? GroupMembershipOperation.LEAVE_GROUP : GroupMembershipOperation.REMAIN_IN_GROUP));
            status.close();
        }
    }
}
