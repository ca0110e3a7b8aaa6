package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However much cannot be read, what can is acted upon. */
@QuarkusTest
@OnPlatform
class DeadLettersTest {
    /** More than is buffered on the way to Kafka. */
    private static final int FLOOD = 200;

    /** Bytes of a value that Kafka just takes, and no longer with what a burial adds. */
    private static final int LARGEST = (1 << 20) - 176;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    private Fleet fleet;

    @BeforeEach
    void connect() {
        fleet = new Fleet();
    }

    @AfterEach
    void disconnect() {
        fleet.close();
    }

    @Test
    void aFloodOfStatusesThatCannotBeReadIsBuriedAndTheNextIsRead() throws Exception {
        String last = flood(Topic.STATUS);
        assertStatusIsRead();
        fleet.awaitDead(last);
    }

    @Test
    void aFloodOfContentThatCannotBeReadIsBuried() throws Exception {
        fleet.awaitDead(flood(Topic.CONTENT));
    }

    @Test
    void figuresThatCannotBeReadAreBuriedAndTheOthersOfTheRecordAreRead() {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        String transfer = tenant.add(torrent);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        SliceRecord slice = fleet.awaitSlice(key, s -> true);
        int partition = fleet.sayOnlyStatus(key, Fleet.status(slice, 1, StatusRecord.State.DOWNLOADING, 0, 0));
        tenant.awaitState(transfer, "DOWNLOADING");
        String worker = "worker-" + UUID.randomUUID();
        Tenant.await().until(() -> {
            fleet.figures(partition, worker, figures("nonsense", slice), figures(key, slice));
            return tenant.get(transfer).<Integer>path("totals.up") == 77;
        });
        assertThat(fleet.awaitDead(worker).value()).isNotEmpty();
        fleet.send(Topic.PROGRESS, worker + " too", new byte[] {1});
        fleet.awaitDead(worker + " too");
    }

    private static ProgressRecord.Slice figures(String key, SliceRecord slice) {
        return new ProgressRecord.Slice(
                key,
                slice.gen(),
                1,
                new StatusRecord.Totals(5_000, 77, 0, 0, null),
                ProgressRecord.Rates.ZERO,
                ProgressRecord.Peers.NONE);
    }

    @Test
    void aStatusThatIsTooLargeToBeBuriedDoesNotHoldUpTheNext() {
        fleet.send(Topic.STATUS, "a slice's that there never was", new byte[LARGEST]);
        assertStatusIsRead();
    }

    /** The key of the last of many unreadable records of one partition. */
    private String flood(Topic topic) throws Exception {
        String key = UUID.randomUUID().toString();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (int record = 0; record < FLOOD; record++) {
                sent.add(producer.send(new ProducerRecord<>(topic.topicName(), 0, key, new byte[] {1})));
            }
            sent.add(producer.send(new ProducerRecord<>(topic.topicName(), 0, key + " the last", new byte[] {1})));
        }
        for (Future<RecordMetadata> each : sent) {
            assertThat(each.get().hasOffset()).isTrue();
        }
        return key + " the last";
    }

    private void assertStatusIsRead() {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        String transfer = tenant.add(torrent);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        SliceRecord slice = fleet.awaitSlice(key, s -> true);
        fleet.say(key, Fleet.status(slice, 1, StatusRecord.State.DOWNLOADING, 0, 0));
        tenant.awaitState(transfer, "DOWNLOADING");
    }
}
