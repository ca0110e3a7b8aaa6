package io.shoal.storage;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.links.LinkKeys;
import io.shoal.contracts.links.LinkToken;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.Management;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Intake and a worker, as far as storage can see them. */
@ApplicationScoped
public class TestServers {
    private final ObjectStore store;
    private final LinkKeys linkKeys;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ConsumerRecord<String, byte[]>> heard = new ArrayList<>();

    TestServers(
            ObjectStore store,
            @ConfigProperty(name = "kafka.bootstrap.servers") String kafka,
            @ConfigProperty(name = "shoal.link-keys") String linkKeys,
            @ConfigProperty(name = "shoal.partitions") int partitions) {
        this.store = store;
        this.linkKeys = LinkKeys.parse(linkKeys);
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
                new StringSerializer(),
                new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        "false"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(Topic.CONTENT_NAME, Topic.DEAD_NAME).stream()
                .flatMap(topic -> IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)))
                .toList());
    }

    /** Storage makes its bucket and its topics while it begins to listen. */
    @PostConstruct
    public void awaitStorage() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
        await().until(() -> get(Management.url("/q/health/ready")).statusCode() == 200);
    }

    @PreDestroy
    void close() {
        producer.close();
        consumer.close();
    }

    /** Intake wants the torrent. */
    public void plan(Sample sample, long rev) throws StoreUnavailableException {
        store.put(sample.keys().info(), ByteBuffer.wrap(sample.info().bytes()));
        send(Topic.TORRENTS, sample.torrent().value(), Json.write(desired(sample, rev, TorrentRecord.State.LIVE)));
    }

    /** Intake has removed the torrent. */
    public void remove(Sample sample, long rev) {
        send(Topic.TORRENTS, sample.torrent().value(), Json.write(desired(sample, rev, TorrentRecord.State.REMOVED)));
    }

    private static TorrentRecord desired(Sample sample, long rev, TorrentRecord.State state) {
        return new TorrentRecord(
                1,
                sample.generation(),
                rev,
                state,
                List.of(sample.info().hash().hex()),
                false,
                true,
                sample.keys().info(),
                1,
                1,
                Wanted.ALL,
                null);
    }

    /** A worker stores these segments, without telling. */
    public void store(Sample sample, int... segments) throws StoreUnavailableException {
        for (int segment : segments) {
            store.put(sample.keys().segment(new SegmentIndex(segment)), ByteBuffer.wrap(sample.segment(segment)));
        }
    }

    /** A worker tells that these segments, and no others, are stored. */
    public void publishStatus(Sample sample, long epoch, int check, int... segments) {
        BitSet stored = new BitSet();
        IntStream.of(segments).forEach(stored::set);
        StatusRecord status = new StatusRecord(
                1,
                sample.generation(),
                1,
                epoch,
                "worker-0",
                StatusRecord.State.DOWNLOADING,
                null,
                Bits.of(stored),
                check,
                StatusRecord.Totals.ZERO,
                List.of(),
                null);
        send(Topic.STATUS, new SliceKey.OfTorrent(sample.torrent(), 0).toString(), Json.write(status));
    }

    /** A worker downloads all of it. */
    public void download(Sample sample) throws StoreUnavailableException {
        int[] all = IntStream.range(0, sample.segments()).toArray();
        store(sample, all);
        publishStatus(sample, 1, 0, all);
    }

    public void send(Topic topic, String key, byte @Nullable [] value) {
        try {
            producer.send(new ProducerRecord<>(topic.topicName(), key, value)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for {@code count} records about the torrent of {@code type} and returns all of them. */
    public <T extends ContentRecord> List<T> hear(TorrentId torrent, Class<T> type, int count) {
        await().untilAsserted(() -> assertThat(heard(torrent, type)).hasSizeGreaterThanOrEqualTo(count));
        return heard(torrent, type);
    }

    /** All records about the torrent of {@code type} so far. */
    public <T extends ContentRecord> List<T> heard(TorrentId torrent, Class<T> type) {
        listen();
        return heard.stream()
                .filter(record -> record.topic().equals(Topic.CONTENT_NAME)
                        && record.key().equals(torrent.value()))
                .map(TestServers::content)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** Waits for a record of this key to be buried and returns it. */
    ConsumerRecord<String, byte[]> buried(String key) {
        await().until(() -> {
            listen();
            return heard.stream().anyMatch(record -> isBuried(record, key));
        });
        return heard.stream()
                .filter(record -> isBuried(record, key))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isBuried(ConsumerRecord<String, byte[]> record, String key) {
        return record.topic().equals(Topic.DEAD_NAME) && key.equals(record.key());
    }

    static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static ContentRecord content(ConsumerRecord<String, byte[]> record) {
        try {
            return Json.read(record.value(), ContentRecord.class);
        } catch (BadRecordException e) {
            throw new AssertionError(e);
        }
    }

    private void listen() {
        consumer.poll(Duration.ofMillis(100)).forEach(heard::add);
    }

    /** All keys of {@code sample}'s generation that are in the store. */
    public List<String> objects(Sample sample) throws StoreUnavailableException {
        List<String> keys = new ArrayList<>();
        store.list(sample.keys().prefix(), object -> keys.add(object.key()));
        return keys;
    }

    /** A token for one of its files, as intake mints it for some tenant. */
    public String token(Sample sample, int file, String name, Instant expires) {
        return token(UUID.randomUUID(), sample, file, name, expires);
    }

    /** A token for one of its files, as intake mints it. */
    public String token(UUID tenant, Sample sample, int file, String name, Instant expires, LinkToken.Flag... flags) {
        Instant now = Instant.now();
        return linkKeys.mint(new LinkToken(
                tenant,
                sample.torrent(),
                sample.generation(),
                new FileIndex(file),
                name,
                now.isBefore(expires) ? now : expires,
                expires,
                Set.of(flags)));
    }
}
