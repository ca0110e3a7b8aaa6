package io.shoal.tracker;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.KafkaResource;
import io.shoal.embedded.test.Management;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service over a real Kafka: what intake says becomes what the announce ports serve. */
@QuarkusTest
@TestProfile(TrackerServiceTest.FreePorts.class)
@WithTestResource(KafkaResource.class)
class TrackerServiceTest {
    private static final InfoHash HASH = InfoHash.ofHex("00112233445566778899aabbccddeeff00112233");
    private static final TorrentId TORRENT = TorrentId.of("tenant", HASH);
    /** Bytes of a value that Kafka just takes, and no longer with what a burial adds. */
    private static final int LARGEST = (1 << 20) - 176;

    private static final String ESCAPED = "%" + String.join("%", HASH.hex().split("(?<=\\G..)"));

    @Inject
    TrackerService tracker;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /** Any free port for everything, and a small cluster. */
    public static final class FreePorts implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.management.test-port", "0",
                    "shoal.tracker.bind", "127.0.0.1",
                    "shoal.tracker.http-port", "0",
                    "shoal.tracker.udp-port", "0",
                    "shoal.tracker.interval", "1s",
                    "shoal.tracker.replica", "3",
                    "shoal.partitions", "4",
                    "shoal.replication", "1");
        }
    }

    @BeforeEach
    void ready() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> get(Management.url("/q/health/ready")).statusCode() == 200);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void close() {
        if (producer != null) {
            producer.close();
        }
    }

    @Test
    void aTorrentIsServedWhileItLivesAndIsTracked() throws Exception {
        assertThat(announce()).contains("unregistered torrent");

        send(TORRENT.value(), record(1, TorrentRecord.State.LIVE, true));
        await().untilAsserted(() -> assertThat(announce()).contains("8:complete"));

        send(TORRENT.value(), record(2, TorrentRecord.State.LIVE, false));
        await().untilAsserted(() -> assertThat(announce()).contains("unregistered torrent"));

        send(TORRENT.value(), record(3, TorrentRecord.State.LIVE, true));
        await().untilAsserted(() -> assertThat(announce()).contains("8:complete"));

        send(TORRENT.value(), record(4, TorrentRecord.State.REMOVED, true));
        await().untilAsserted(() -> assertThat(announce()).contains("unregistered torrent"));

        send(TORRENT.value(), record(5, TorrentRecord.State.LIVE, true));
        await().untilAsserted(() -> assertThat(announce()).contains("8:complete"));

        send(TORRENT.value(), null);
        await().untilAsserted(() -> assertThat(announce()).contains("unregistered torrent"));
    }

    @Test
    void aRecordThatCannotBeReadIsBuriedAndTheNextOneIsTakenIn() throws Exception {
        InfoHash other = InfoHash.ofHex("ff".repeat(20));
        TorrentId torrent = TorrentId.of("tenant", other);
        byte[] nonsense = "{\"v\":1".getBytes(StandardCharsets.UTF_8);
        send(torrent.value(), nonsense);
        send("no torrent id", record(1, TorrentRecord.State.LIVE, true));
        send(torrent.value(), record(1, TorrentRecord.State.LIVE, true, other));

        await().untilAsserted(() -> assertThat(announce("%ff".repeat(20))).contains("8:complete"));
        assertThat(buried())
                .anySatisfy(dead -> {
                    assertThat(dead.value()).isEqualTo(nonsense);
                    assertThat(new String(dead.headers().lastHeader("topic").value(), StandardCharsets.UTF_8))
                            .isEqualTo(Topic.TORRENTS_NAME);
                })
                .anySatisfy(dead -> assertThat(
                                new String(dead.headers().lastHeader("reason").value(), StandardCharsets.UTF_8))
                        .contains("the key is not one of shoal.torrents"));
    }

    @Test
    void aRecordThatIsTooLargeToBeBuriedDoesNotHoldUpTheNextOne() throws Exception {
        InfoHash other = InfoHash.ofHex("fe".repeat(20));
        TorrentId torrent = TorrentId.of("tenant", other);
        send(torrent.value(), new byte[LARGEST]);
        send(torrent.value(), record(1, TorrentRecord.State.LIVE, true, other));
        await().untilAsserted(() -> assertThat(announce("%fe".repeat(20))).contains("8:complete"));
    }

    @Test
    void whatBecomesKnownAfterAStopOpensNoPort() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Map<String, String> settings = Map.of(
                "shoal.tracker.bind",
                "127.0.0.1",
                "shoal.tracker.http-port",
                Integer.toString(port),
                "shoal.tracker.udp-port",
                "0");
        TrackerConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(TrackerConfig.class)
                .withDefaultValues(settings)
                .build()
                .getConfigMapping(TrackerConfig.class);
        TrackerService stopped =
                new TrackerService(config, KafkaClientConfig.of(Map.of("bootstrap.servers", kafka)), 4, (short) 1);
        stopped.start(new StartupEvent());
        stopped.stop(new ShutdownEvent());
        stopped.known(); // the thread that reads state was on its way to say so

        assertThat(stopped.isReady()).isFalse();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void metricsSpeakOfTorrentsPeersAndAnnounces() {
        String metrics = get(Management.url("/q/metrics")).asString();
        assertThat(metrics)
                .contains("shoal_tracker_torrents_registered")
                .contains("shoal_tracker_peers{family=\"v4\",state=\"seed\"}")
                .contains("shoal_tracker_announces_total{event=\"started\",protocol=\"udp\"}")
                .contains("shoal_tracker_replication_frames_received_total")
                .contains("shoal_tracker_replication_lag_seconds_bucket")
                .contains("shoal_tracker_members_peers")
                .contains("shoal_tracker_rate_refused_total")
                .contains("shoal_tracker_rate_forgotten_total")
                .contains("shoal_tracker_accounting_waiting");
    }

    @Test
    void row31WhatIsAnnouncedIsToldToOtherReplicas() throws Exception {
        InfoHash other = InfoHash.ofHex("af".repeat(20));
        TorrentId torrent = TorrentId.of("tenant", other);
        send(torrent.value(), record(1, TorrentRecord.State.LIVE, true, other));
        await().untilAsserted(() -> assertThat(announce("%af".repeat(20))).contains("8:complete"));

        await().untilAsserted(() -> assertThat(get(Management.url("/q/metrics")).asString())
                .containsPattern("shoal_tracker_replication_changes_sent_total [1-9]"));
        assertThat(announce("/", "%af".repeat(20), "")).containsPattern("<th>sent</th><td>[1-9][0-9,]*</td><td>[1-9]");
    }

    @Test
    void row12APasskeyIsAdmittedAndRevokedWithoutARestart() throws Exception {
        String passkey = "0123456789abcdef".repeat(2);
        String path = "/" + passkey + "/announce";
        UUID tenant = UUID.randomUUID();
        UUID user = UUID.randomUUID();
        InfoHash hash = InfoHash.ofHex("cd".repeat(20));
        String escaped = "%cd".repeat(20);
        TorrentId torrent = TorrentId.of(tenant.toString(), hash);
        String key = new AdmissionKey.OfPasskey(PasskeyHash.of(passkey)).toString();
        send(torrent.value(), Json.write(record(1, TorrentRecord.State.LIVE, true, hash, tenant)));
        assertThat(announce(path, escaped, "uploaded=0&downloaded=0&left=5"))
                .contains("unknown passkey")
                .doesNotContain(passkey);

        send(Topic.ADMISSION, key, Json.write(new AdmissionRecord.Passkey(1, 2, tenant, user, false)));
        await().untilAsserted(() -> assertThat(announce(path, escaped, "uploaded=0&downloaded=0&left=5"))
                .contains("10:incompletei1e"));
        assertThat(announce(escaped)).as("without a passkey").contains("unregistered torrent");

        send(Topic.ADMISSION, key, Json.write(new AdmissionRecord.Passkey(1, 3, tenant, user, true)));
        await().untilAsserted(() -> assertThat(announce(path, escaped, "uploaded=0&downloaded=0&left=5"))
                .contains("unknown passkey"));
        assertThat(get(Management.url("/q/metrics")).asString())
                .containsPattern("shoal_tracker_passkeys_unknown_total [1-9]");
    }

    @Test
    void listsAreChangedWithoutARestart() throws Exception {
        InfoHash hash = InfoHash.ofHex("ee".repeat(20));
        String key = new AdmissionKey.OfTorrent(hash).toString();
        String escaped = "%ee".repeat(20);
        assertThat(announce(escaped)).contains("unregistered torrent");
        send(Topic.ADMISSION, key, Json.write(new AdmissionRecord.Listed(1, 1, AdmissionRecord.Rule.ALLOW)));
        await().untilAsserted(() -> assertThat(announce(escaped)).contains("8:complete"));
        send(Topic.ADMISSION, key, Json.write(new AdmissionRecord.Listed(1, 2, AdmissionRecord.Rule.DENY)));
        await().untilAsserted(() -> assertThat(announce(escaped)).contains("torrent is not allowed here"));
        send(Topic.ADMISSION, key, null);
        await().untilAsserted(() -> assertThat(announce(escaped)).contains("unregistered torrent"));
    }

    @Test
    void whatAMemberSentAndReceivedIsPublished() throws Exception {
        String passkey = "fedcba9876543210".repeat(2);
        UUID tenant = UUID.randomUUID();
        UUID user = UUID.randomUUID();
        InfoHash hash = InfoHash.ofHex("dd".repeat(20));
        String escaped = "%dd".repeat(20);
        String path = "/" + passkey + "/announce";
        send(
                TorrentId.of(tenant.toString(), hash).value(),
                Json.write(record(1, TorrentRecord.State.LIVE, true, hash, tenant)));
        send(
                Topic.ADMISSION,
                new AdmissionKey.OfPasskey(PasskeyHash.of(passkey)).toString(),
                Json.write(new AdmissionRecord.Passkey(1, 1, tenant, user, false)));
        await().untilAsserted(() -> assertThat(announce(path, escaped, "uploaded=0&downloaded=0&left=5&event=started"))
                .contains("10:incompletei1e"));
        announce(path, escaped, "uploaded=33&downloaded=5&left=0&event=completed");
        announce(path, escaped, "uploaded=40&downloaded=5&left=0&event=stopped");

        String key = user + "/" + hash.hex();
        AccountingRecord newest = newest(
                key,
                TopicReader.read(
                        kafka, Topic.ACCOUNTING, records -> newest(key, records).uploaded() == 40));
        assertThat(newest.downloaded()).isEqualTo(5);
        assertThat(newest.tenant()).isEqualTo(tenant);
        assertThat(newest.user()).isEqualTo(user);
        assertThat(newest.infoHash()).isEqualTo(hash.hex());
        assertThat(newest.peer())
                .isEqualTo(HexFormat.of().formatHex("-TS0001-abcdefghijkl".getBytes(StandardCharsets.US_ASCII)));
    }

    private static AccountingRecord newest(String key, List<ConsumerRecord<byte[], byte[]>> records)
            throws BadRecordException {
        AccountingRecord newest = new AccountingRecord(
                1, UUID.randomUUID(), UUID.randomUUID(), HASH.hex(), "00".repeat(20), 0, 0, 0, 0, 0);
        for (ConsumerRecord<byte[], byte[]> read : records) {
            if (new String(read.key(), StandardCharsets.UTF_8).equals(key)) {
                newest = Json.read(read.value(), AccountingRecord.class);
            }
        }
        return newest;
    }

    private List<ConsumerRecord<byte[], byte[]>> buried() {
        return TopicReader.read(kafka, Topic.DEAD, records -> records.size() >= 2);
    }

    private static byte[] record(long rev, TorrentRecord.State state, boolean tracked) {
        return record(rev, state, tracked, HASH);
    }

    private static byte[] record(long rev, TorrentRecord.State state, boolean tracked, InfoHash hash) {
        return Json.write(record(rev, state, tracked, hash, null));
    }

    /** Private if it has a {@code tenant}. */
    private static TorrentRecord record(
            long rev, TorrentRecord.State state, boolean tracked, InfoHash hash, @Nullable UUID tenant) {
        return new TorrentRecord(
                1,
                new Generation(1),
                rev,
                state,
                List.of(hash.hex()),
                tenant != null,
                tracked,
                "torrents/" + TORRENT + "/1/info",
                1,
                1,
                Wanted.ALL,
                tenant);
    }

    private void send(String key, byte @Nullable [] value) throws Exception {
        send(Topic.TORRENTS, key, value);
    }

    private void send(Topic topic, String key, byte @Nullable [] value) throws Exception {
        Objects.requireNonNull(producer)
                .send(new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value))
                .get();
    }

    private String announce() throws IOException {
        return announce(ESCAPED);
    }

    private String announce(String hash) throws IOException {
        return announce("/announce", hash, "uploaded=0&downloaded=0&left=5");
    }

    private String announce(String path, String hash, String rest) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tracker.httpPort())) {
            String request = "GET " + path + "?info_hash=" + hash
                    + "&peer_id=-TS0001-abcdefghijkl&port=6881&" + rest + " HTTP/1.1\r\n"
                    + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
