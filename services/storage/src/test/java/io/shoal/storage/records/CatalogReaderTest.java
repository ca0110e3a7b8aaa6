package io.shoal.storage.records;

import static io.shoal.storage.TestIds.torrent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.objectstore.ObjectStore;
import io.shoal.storage.FaultyDatabase;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestServers;
import io.shoal.storage.catalog.CatalogWriter;
import io.shoal.storage.catalog.ConsumerOffsets;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many records, and several replicas, on the real broker and database. */
@PlatformTest
class CatalogReaderTest {
    private static final String THREAD = "catalog-reader";
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int SLICES = 10_000;
    private static final int ROUNDS = 10;

    @Inject
    TestServers servers;

    @Inject
    FaultyDatabase database;

    @Inject
    Jdbi jdbi;

    @Inject
    KafkaClients clients;

    @Inject
    KafkaContentEvents events;

    @Inject
    CatalogWriter writer;

    @Inject
    ConsumerOffsets offsets;

    @Inject
    ObjectStore store;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    @ConfigProperty(name = "shoal.partitions")
    int partitions;

    private Admin admin;
    private KafkaProducer<String, byte[]> producer;

    @BeforeEach
    void connect() {
        servers.awaitStorage();
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka));
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka, ProducerConfig.LINGER_MS_CONFIG, 20),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterEach
    void close() {
        database.setDown(false);
        producer.close();
        admin.close();
    }

    @Test
    void recordsThatChangeNothingNeedNoStatements() throws Exception {
        long generation = System.currentTimeMillis();
        send(generation, 0, 0);
        awaitAllTaken();
        assertThat(stored(generation)).isEqualTo(segments());
        long before = database.statements(THREAD);

        for (int round = 1; round < ROUNDS; round++) {
            send(generation, 0, round);
        }
        awaitAllTaken();

        assertThat(database.statements(THREAD) - before)
                .as("statements for %d records", SLICES * (ROUNDS - 1))
                .isZero();
        assertThat(stored(generation)).isEqualTo(segments());
    }

    @Test
    void aBacklogIsTakenInByBatches() throws Exception {
        long generation = System.currentTimeMillis();
        database.setDown(true);
        for (int round = 0; round < ROUNDS; round++) {
            send(generation, round == ROUNDS - 1 ? 1 : 0, round);
        }
        long before = database.statements(THREAD);

        database.setDown(false);
        awaitAllTaken();

        assertThat(database.statements(THREAD) - before)
                .as("statements for %d records", SLICES * ROUNDS)
                .isLessThan(2_000);
        assertThat(stored(generation)).isEqualTo(segments() + SLICES);
    }

    @Test
    void replicasShareThePartitionsAndTakeOverFromOneThatEnds() throws Exception {
        long generation = System.currentTimeMillis();
        CatalogReader other = new CatalogReader(clients, events, writer, offsets, store);
        other.start();
        try {
            await().atMost(LONG).until(() -> owned(2).size() == 2 * partitions);
            await().atMost(LONG).until(other::isCaughtUp);
            send(generation, 0, 0);
            awaitAllTaken();
            assertThat(stored(generation)).isEqualTo(segments());
        } finally {
            other.stop();
        }
        await().atMost(LONG).until(() -> owned(1).size() == 2 * partitions);
        send(generation, 1, 1);
        awaitAllTaken();
        assertThat(stored(generation)).isEqualTo(segments() + SLICES);
    }

    /** Returns the partitions of the group if it has so many members, and each of them some; else none. */
    private Set<TopicPartition> owned(int members) throws Exception {
        List<MemberDescription> found =
                List.copyOf(Objects.requireNonNull(admin.describeConsumerGroups(List.of("storage"))
                                .describedGroups()
                                .get("storage"))
                        .get()
                        .members());
        Set<TopicPartition> owned = new HashSet<>();
        for (MemberDescription member : found) {
            if (found.size() != members || member.assignment().topicPartitions().isEmpty()) {
                return Set.of();
            }
            owned.addAll(member.assignment().topicPartitions());
        }
        return owned;
    }

    /** A report about each slice: some segments, {@code more} of them than usual, and other figures in each round. */
    private void send(long generation, int more, int round) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int slice = 0; slice < SLICES; slice++) {
            BitSet stored = new BitSet();
            stored.set(0, slice % 100 + more);
            StatusRecord status = new StatusRecord(
                    1,
                    new Generation(generation),
                    1,
                    1,
                    "worker-0",
                    StatusRecord.State.DOWNLOADING,
                    null,
                    Bits.of(stored),
                    0,
                    new StatusRecord.Totals(round, 0, 0, 0, null),
                    List.of(),
                    null);
            sent.add(producer.send(new ProducerRecord<>(
                    Topic.STATUS_NAME, new SliceKey.OfTorrent(torrent(slice), 0).toString(), Json.write(status))));
        }
        for (Future<RecordMetadata> each : sent) {
            each.get();
        }
    }

    private static int segments() {
        return IntStream.range(0, SLICES).map(slice -> slice % 100).sum();
    }

    /** Waits until all that is in the topics now is taken in. */
    private void awaitAllTaken() throws Exception {
        Map<TopicPartition, OffsetSpec> all = IntStream.range(0, partitions)
                .boxed()
                .flatMap(number -> Stream.of(Topic.TORRENTS_NAME, Topic.STATUS_NAME)
                        .map(topic -> new TopicPartition(topic, number)))
                .collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends =
                admin.listOffsets(all).all().get();
        await().atMost(LONG)
                .until(() -> ends.entrySet().stream()
                        .allMatch(end -> offset(end.getKey()) >= end.getValue().offset()));
    }

    private long offset(TopicPartition partition) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select next_offset from consumer_offset where topic = :topic and partition = :partition""")
                .bind("topic", partition.topic())
                .bind("partition", partition.partition())
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    private long stored(long generation) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select sum(bit_count(segments)) from stored where generation = :generation")
                .bind("generation", generation)
                .mapTo(Long.class)
                .one());
    }
}
