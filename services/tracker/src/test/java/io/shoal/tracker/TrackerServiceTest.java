package io.shoal.tracker;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.KafkaResource;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
                    "quarkus.http.test-port", "0",
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
        await().atMost(Duration.ofSeconds(60))
                .until(() -> get("/q/health/ready").statusCode() == 200);
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
                        .contains("torrent id"));
    }

    @Test
    void metricsSpeakOfTorrentsPeersAndAnnounces() {
        String metrics = get("/q/metrics").asString();
        assertThat(metrics)
                .contains("shoal_tracker_torrents_registered")
                .contains("shoal_tracker_peers{family=\"v4\",state=\"seed\"}")
                .contains("shoal_tracker_announces_total{event=\"started\",protocol=\"udp\"}")
                .contains("shoal_tracker_replication_frames_received_total")
                .contains("shoal_tracker_replication_lag_seconds_bucket");
    }

    @Test
    void row31WhatIsAnnouncedIsToldToOtherReplicas() throws Exception {
        InfoHash other = InfoHash.ofHex("ee".repeat(20));
        TorrentId torrent = TorrentId.of("tenant", other);
        send(torrent.value(), record(1, TorrentRecord.State.LIVE, true, other));
        await().untilAsserted(() -> assertThat(announce("%ee".repeat(20))).contains("8:complete"));

        await().untilAsserted(() -> assertThat(get("/q/metrics").asString())
                .containsPattern("shoal_tracker_replication_changes_sent_total [1-9]"));
    }

    private List<ConsumerRecord<byte[], byte[]>> buried() {
        List<ConsumerRecord<byte[], byte[]>> buried = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", kafka),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, 4)
                    .mapToObj(partition -> new TopicPartition(Topic.DEAD_NAME, partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(buried::add);
                return buried.size() >= 2;
            });
        }
        return buried;
    }

    private static byte[] record(long rev, TorrentRecord.State state, boolean tracked) {
        return record(rev, state, tracked, HASH);
    }

    private static byte[] record(long rev, TorrentRecord.State state, boolean tracked, InfoHash hash) {
        return Json.write(new TorrentRecord(
                1,
                new Generation(1),
                rev,
                state,
                List.of(hash.hex()),
                false,
                tracked,
                "torrents/" + TORRENT + "/1/info",
                1,
                1,
                Wanted.ALL));
    }

    private void send(String key, byte @Nullable [] value) throws Exception {
        Objects.requireNonNull(producer)
                .send(new ProducerRecord<>(Topic.TORRENTS_NAME, key.getBytes(StandardCharsets.UTF_8), value))
                .get();
    }

    private String announce() throws IOException {
        return announce(ESCAPED);
    }

    private String announce(String hash) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tracker.httpPort())) {
            String request = "GET /announce?info_hash=" + hash
                    + "&peer_id=-TS0001-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=5 HTTP/1.1\r\n"
                    + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
