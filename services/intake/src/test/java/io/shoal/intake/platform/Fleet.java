package io.shoal.intake.platform;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** The workers and storage, as Kafka knows them: reads what intake desires, and says what the test wants said. */
public final class Fleet implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final ProgressRecord.Rates MOVING = new ProgressRecord.Rates(1_000, 200);
    private static final ProgressRecord.Peers PEERS = new ProgressRecord.Peers(7, 3, 2_500);

    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<Topic, Map<String, ConsumerRecord<String, byte[]>>> newest = new HashMap<>();

    public Fleet() {
        var config = ConfigProvider.getConfig();
        Map<String, Object> client =
                Map.of("bootstrap.servers", config.getValue("kafka.bootstrap.servers", String.class));
        int partitions = config.getValue("shoal.partitions", Integer.class);
        consumer = new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
        List<TopicPartition> all =
                List.of(Topic.TORRENTS, Topic.SLICES, Topic.DEMAND, Topic.ADMISSION, Topic.DEAD).stream()
                        .flatMap(topic -> IntStream.range(0, partitions)
                                .mapToObj(partition -> new TopicPartition(topic.topicName(), partition)))
                        .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    /** The newest record of the key, once it is as it should be. */
    public SliceRecord awaitSlice(String key, Predicate<SliceRecord> expected) {
        return Tenant.await()
                .until(
                        () -> value(Topic.SLICES, key, SliceRecord.class),
                        found -> found.filter(expected).isPresent())
                .orElseThrow();
    }

    /** The newest record of the key, once it is as it should be. */
    public TorrentRecord awaitTorrent(TorrentId id, Predicate<TorrentRecord> expected) {
        return Tenant.await()
                .until(
                        () -> value(Topic.TORRENTS, id.value(), TorrentRecord.class),
                        found -> found.filter(expected).isPresent())
                .orElseThrow();
    }

    /** The newest record of the key, once it is as it should be. */
    public AdmissionRecord awaitAdmission(AdmissionKey key, Predicate<AdmissionRecord> expected) {
        return Tenant.await()
                .until(
                        () -> value(Topic.ADMISSION, key.toString(), AdmissionRecord.class),
                        found -> found.filter(expected).isPresent())
                .orElseThrow();
    }

    /** The newest demand of the key, once it is as it should be. */
    public DemandRecord.Inspect awaitInspect(String key, Predicate<DemandRecord.Inspect> expected) {
        return Tenant.await()
                .until(() -> inspect(key), found -> found.filter(expected).isPresent())
                .orElseThrow();
    }

    /** The newest demand of the key. */
    public Optional<DemandRecord.Inspect> inspect(String key) {
        return value(Topic.DEMAND, key, DemandRecord.class).map(DemandRecord.Inspect.class::cast);
    }

    public void awaitTombstone(Topic topic, String key) {
        Tenant.await().until(() -> {
            ConsumerRecord<String, byte[]> record = read(topic).get(key);
            return record != null && record.value() == null;
        });
    }

    /** The dead record with this key. */
    public ConsumerRecord<String, byte[]> awaitDead(String key) {
        return Tenant.await().until(() -> read(Topic.DEAD).get(key), record -> record != null);
    }

    /** What a worker writes when its status changes, and then its figures: something moves while it downloads or seeds. */
    public void say(String key, StatusRecord status) {
        boolean moves =
                status.state() == StatusRecord.State.DOWNLOADING || status.state() == StatusRecord.State.SEEDING;
        int partition = sayOnlyStatus(key, status);
        figures(
                partition,
                status.worker(),
                new ProgressRecord.Slice(
                        key,
                        status.gen(),
                        status.epoch(),
                        status.totals(),
                        moves ? MOVING : ProgressRecord.Rates.ZERO,
                        moves ? PEERS : ProgressRecord.Peers.NONE));
    }

    /** A status whose figures do not come. @return the partition of the slice */
    public int sayOnlyStatus(String key, StatusRecord status) {
        return send(Topic.STATUS, key, Json.write(status)).partition();
    }

    /** The figures of a worker that has sent {@code up} bytes of a slice, of which nothing else has changed. */
    public void upload(String key, SliceRecord slice, long epoch, long up) {
        figures(
                partition(key),
                "worker-" + epoch,
                new ProgressRecord.Slice(
                        key, slice.gen(), epoch, new StatusRecord.Totals(5_000, up, 0, 0, null), MOVING, PEERS));
    }

    private int partition(String key) {
        return BuiltInPartitioner.partitionForKey(
                key.getBytes(StandardCharsets.UTF_8),
                producer.partitionsFor(Topic.PROGRESS_NAME).size());
    }

    /** The figures of slices of a partition. */
    public void figures(int partition, String worker, ProgressRecord.Slice... slices) {
        progress(partition, new ProgressRecord(1, worker, List.of(slices)));
    }

    /** The swarm of a slice, as its owner says it is. */
    public void swarm(SwarmReport swarm) {
        progress(partition(swarm.key()), new ProgressRecord(1, "worker-" + swarm.epoch(), List.of(), swarm));
    }

    private void progress(int partition, ProgressRecord progress) {
        try {
            producer.send(new ProducerRecord<>(Topic.PROGRESS_NAME, partition, progress.worker(), Json.write(progress)))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public void say(TorrentId torrent, ContentRecord content) {
        send(Topic.CONTENT, torrent.value(), Json.write(content));
    }

    /** Sends any bytes; null is a tombstone. @return where they are */
    public RecordMetadata send(Topic topic, String key, byte @Nullable [] value) {
        try {
            return producer.send(new ProducerRecord<>(topic.topicName(), key, value))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a worker says that does {@code state} about this slice. */
    public static StatusRecord status(
            SliceRecord slice, long epoch, StatusRecord.State state, int segmentsStored, long up) {
        BitSet stored = new BitSet();
        stored.set(0, segmentsStored);
        return status(slice.gen(), slice.rev(), epoch, state, null, Bits.of(stored), up, null);
    }

    /** The same status, of a worker that knows how many bytes are not verified. */
    public static StatusRecord withLeft(StatusRecord status, long left) {
        StatusRecord.Totals totals = status.totals();
        return new StatusRecord(
                status.v(),
                status.gen(),
                status.rev(),
                status.epoch(),
                status.worker(),
                status.state(),
                status.reason(),
                status.stored(),
                status.check(),
                new StatusRecord.Totals(totals.down(), totals.up(), totals.wasted(), totals.seedingSeconds(), left),
                status.trackers(),
                status.infoKey());
    }

    /** The same status, of a worker that has listed the store for {@code check} and has seen this of trackers. */
    public static StatusRecord with(StatusRecord status, int check, StatusRecord.Tracker... trackers) {
        return new StatusRecord(
                status.v(),
                status.gen(),
                status.rev(),
                status.epoch(),
                status.worker(),
                status.state(),
                status.reason(),
                status.stored(),
                check,
                status.totals(),
                List.of(trackers),
                status.infoKey());
    }

    public static StatusRecord status(
            Generation gen,
            long rev,
            long epoch,
            StatusRecord.State state,
            StatusRecord.@Nullable Reason reason,
            Bits stored,
            long up,
            @Nullable String infoKey) {
        return new StatusRecord(
                1,
                gen,
                rev,
                epoch,
                "worker-" + epoch,
                state,
                reason,
                stored,
                0,
                new StatusRecord.Totals(5_000, up, 0, 0, null),
                List.of(),
                infoKey);
    }

    private <T> Optional<T> value(Topic topic, String key, Class<T> type) {
        ConsumerRecord<String, byte[]> record = read(topic).get(key);
        if (record == null || record.value() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.read(record.value(), type));
        } catch (BadRecordException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, ConsumerRecord<String, byte[]>> read(Topic topic) {
        consumer.poll(POLL)
                .forEach(record -> newest.computeIfAbsent(topic(record), t -> new LinkedHashMap<>())
                        .put(record.key(), record));
        return newest.getOrDefault(topic, Map.of());
    }

    private static Topic topic(ConsumerRecord<String, byte[]> record) {
        return List.of(Topic.values()).stream()
                .filter(topic -> topic.topicName().equals(record.topic()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
    }
}
