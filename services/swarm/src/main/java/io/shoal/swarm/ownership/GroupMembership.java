package io.shoal.swarm.ownership;

import io.shoal.contracts.topics.Topic;
import io.shoal.contracts.topics.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
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
 * One membership of the group: the consumer of {@code slices}, which is the member, and a consumer of {@code status}
 * that is assigned the same partitions. Both read each partition from its start; of {@code progress} only the end of its
 * past is read. When Kafka removes the member, it is
 * closed and replaced by another one. Used by the ownership thread only.
 */
final class GroupMembership implements ConsumerRebalanceListener, PastReader, AutoCloseable {
    /** Is notified of assigned and revoked partitions, from within {@link #pollSlices}. */
    interface Listener {
        /** A partition was assigned. The ends are those of its past, which must be read before any slice is started. */
        void assigned(int partition, long slicesEnd, long statusEnd);

        /** The partitions go to another worker: what is open must be made safe before this returns. */
        void revoked(Collection<Integer> partitions);

        /** Another worker owns the partitions already. */
        void lost(Collection<Integer> partitions);
    }

    private static final Logger LOG = LoggerFactory.getLogger(GroupMembership.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final OwnershipConfig config;
    private final Listener listener;
    private final KafkaConsumer<String, byte[]> slices;
    private final KafkaConsumer<String, byte[]> status;
    private final ProgressHistory progress;
    private final Set<Integer> partitions = new TreeSet<>();
    private boolean assigned;
    private boolean leaving;

    GroupMembership(OwnershipConfig config, Listener listener) {
        this.config = config;
        this.listener = listener;
        setSessionTimeout();
        slices = slicesConsumer();
        status = consumer(config.kafka().consumer(config.worker() + "-status"));
        progress = new ProgressHistory(config);
        slices.subscribe(List.of(Topic.SLICES_NAME), this);
    }

    /** The group's session is the group's own setting; every member sets the same. */
    private void setSessionTimeout() {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, OwnershipConfig.GROUP);
        ConfigEntry session = new ConfigEntry(
                "consumer.session.timeout.ms", Long.toString(config.session().toMillis()));
        ConfigEntry heartbeat = new ConfigEntry(
                "consumer.heartbeat.interval.ms",
                Long.toString(config.heartbeat().toMillis()));
        try (Admin admin = Topics.connect(config.kafka(), config.worker() + "-admin")) {
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

    /**
     * The consumer that is the member. Its requests time out when the next heartbeat is due: while a request is pending
     * for longer, the consumer's background thread polls without a pause, which takes a whole core
     * (docs/decisions/0019).
     */
    private KafkaConsumer<String, byte[]> slicesConsumer() {
        Map<String, Object> member = config.kafka().consumer(config.worker() + "-slices");
        member.put(ConsumerConfig.GROUP_ID_CONFIG, OwnershipConfig.GROUP);
        member.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
        member.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, config.worker());
        member.put(
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(config.heartbeat().toMillis()));
        return consumer(member);
    }

    private static KafkaConsumer<String, byte[]> consumer(Map<String, Object> config) {
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** Whether the group has assigned partitions, perhaps none. */
    boolean isAssigned() {
        return assigned;
    }

    /** Polls {@code slices} from the last position; waits a little for records. */
    ConsumerRecords<String, byte[]> pollSlices() {
        return slices.poll(POLL);
    }

    /** Polls {@code status} of the owned partitions from the last position. */
    ConsumerRecords<String, byte[]> pollStatus() {
        return partitions.isEmpty() ? ConsumerRecords.empty() : status.poll(Duration.ZERO);
    }

    /** Reads on in the past of {@code progress} of the owned partitions. */
    void readProgress(Consumer<ConsumerRecord<String, byte[]>> reader) {
        progress.read(reader);
    }

    @Override
    public boolean isProgressRead(int partition) {
        return progress.isRead(partition);
    }

    @Override
    public long slicesPosition(int partition) {
        return slices.position(slices(partition));
    }

    @Override
    public long statusPosition(int partition) {
        return status.position(status(partition));
    }

    /** Makes {@link #close} leave the group, so that other workers take over at once. */
    void leaveGroup() {
        leaving = true;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> fresh) {
        assigned = true;
        if (fresh.isEmpty()) {
            return;
        }
        List<TopicPartition> statusPartitions =
                fresh.stream().map(each -> status(each.partition())).toList();
        Map<TopicPartition, Long> slicesEnd = slices.endOffsets(fresh);
        Map<TopicPartition, Long> statusEnd = status.endOffsets(statusPartitions);
        for (int number : numbers(fresh)) {
            partitions.add(number);
            listener.assigned(
                    number, slicesEnd.getOrDefault(slices(number), 0L), statusEnd.getOrDefault(status(number), 0L));
        }
        slices.seekToBeginning(fresh);
        assignStatus();
        status.seekToBeginning(statusPartitions);
        progress.add(numbers(fresh));
        LOG.info("assigned {} partitions, {} in all", fresh.size(), partitions.size());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> gone) {
        LOG.info("{} partitions are revoked", gone.size());
        listener.revoked(numbers(gone));
        removePartitions(gone);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> gone) {
        LOG.warn("{} partitions are lost", gone.size());
        listener.lost(numbers(gone));
        removePartitions(gone);
    }

    private void removePartitions(Collection<TopicPartition> gone) {
        partitions.removeAll(numbers(gone));
        assignStatus();
        progress.remove(numbers(gone));
    }

    private void assignStatus() {
        status.assign(partitions.stream().map(GroupMembership::status).toList());
    }

    private static List<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::partition).toList();
    }

    private static TopicPartition slices(int partition) {
        return new TopicPartition(Topic.SLICES_NAME, partition);
    }

    private static TopicPartition status(int partition) {
        return new TopicPartition(Topic.STATUS_NAME, partition);
    }

    @Override
    public void close() {
        slices.close(CloseOptions.timeout(CLOSE)
                .withGroupMembershipOperation(
                        leaving ? GroupMembershipOperation.LEAVE_GROUP : GroupMembershipOperation.REMAIN_IN_GROUP));
        status.close();
        progress.close();
    }
}
