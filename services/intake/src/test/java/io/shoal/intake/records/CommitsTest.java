package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Records of one partition are acted upon side by side. One that waits for the database, here for a lock that the test holds,
 * is read again by the next process if this one is killed: no commit of a later one passes it.
 */
@QuarkusTest
@OnPlatform
class CommitsTest {
    private static final int LATER = 4;

    @Inject
    AgroalDataSource database;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    private Fleet fleet;
    private Admin admin;

    @BeforeEach
    void connect() {
        fleet = new Fleet();
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka));
    }

    @AfterEach
    void disconnect() {
        fleet.close();
        admin.close();
    }

    @Test
    void whatStorageSaysIsNotPassedByWhileItWaits() throws Exception {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);
        TorrentId id = TorrentId.of(tenant.id(), torrent.info().hash());
        var gen = fleet.awaitSlice(id + "/0", slice -> true).gen();
        try (Connection holding = hold("select 1 from torrent where id = '" + id + "' for update")) {
            assertNotPassedBy(
                    Topic.CONTENT, id.value(), Json.write(new ContentRecord.Lost(1, gen, Bits.NONE)), holding);
        }
    }

    @Test
    void whatTheTrackerSaysIsNotPassedByWhileItWaits() throws Exception {
        UUID tenant = UUID.fromString(Tenant.create().id());
        UUID user = UUID.randomUUID();
        String hash = "ab".repeat(20);
        String peer = "61".repeat(20);
        try (Connection holding =
                hold("insert into accounting_session values ('%s', '%s', '%s', to_timestamp(1), '%s', 0, 0, 0, now())"
                        .formatted(user, hash, peer, tenant))) {
            AccountingRecord record = new AccountingRecord(1, tenant, user, hash, peer, 1_000, 1, 1, 1, 2_000);
            assertNotPassedBy(Topic.ACCOUNTING, user + "/" + hash, Json.write(record), holding);
        }
    }

    /** Locks what {@code statement} touches until the connection's transaction ends. */
    private Connection hold(String statement) throws Exception {
        Connection connection = database.getConnection();
        connection.setAutoCommit(false);
        try (var locking = connection.createStatement()) {
            locking.execute(statement);
        }
        return connection;
    }

    private void assertNotPassedBy(Topic topic, String key, byte[] record, Connection holding) throws Exception {
        sayNonsense(topic, key, 0);
        RecordMetadata waits = fleet.send(topic, key, record);
        for (int later = 1; later <= LATER; later++) {
            sayNonsense(topic, key, later);
        }
        TopicPartition partition = new TopicPartition(waits.topic(), waits.partition());
        assertThat(Tenant.await().until(() -> committed(partition), next -> next >= waits.offset()))
                .isEqualTo(waits.offset());
        holding.rollback();
        Tenant.await().until(() -> committed(partition) == waits.offset() + 1 + LATER);
    }

    /** Says what is done with at once, and waits until it is. */
    private void sayNonsense(Topic topic, String key, int number) {
        fleet.send(topic, key, new byte[] {(byte) number});
        Tenant.await().until(() -> fleet.awaitDead(key).value()[0] == number);
    }

    /** The offset at which the next process begins to read. */
    private long committed(TopicPartition partition) throws Exception {
        OffsetAndMetadata next = admin.listConsumerGroupOffsets("intake")
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition);
        return next == null ? 0 : next.offset();
    }
}
