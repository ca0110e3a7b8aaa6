package io.shoal.swarm.worker;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.when;
import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Kind;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.KafkaResource;
import io.shoal.embedded.test.Management;
import io.shoal.embedded.test.S3Resource;
import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreConfig;
import io.shoal.swarm.running.ExternalPeer;
import io.shoal.swarm.running.TestTracker;
import io.shoal.swarm.segments.RandomTorrent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole worker, against real Kafka, real S3 and real peers: what is wanted on Kafka becomes objects, and is
 * uploaded to peers.
 */
@QuarkusTest
@TestProfile(WorkerTest.OneWorker.class)
@WithTestResource(KafkaResource.class)
@WithTestResource(S3Resource.class)
class WorkerTest {
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How the worker is configured. */
    public static final class OneWorker implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path folder = Files.createTempDirectory("shoal-worker-");
                Map<String, String> settings = new HashMap<>(Map.of(
                        "shoal.partitions",
                        Integer.toString(PARTITIONS),
                        "shoal.replication",
                        "1",
                        "shoal.worker.name",
                        "worker-0",
                        "shoal.peer.bind",
                        "127.0.0.1",
                        "shoal.peer.base-port",
                        Integer.toString(freePorts()),
                        "shoal.egress.allow",
                        "127.0.0.0/8",
                        "shoal.scratch.file",
                        folder.resolve("scratch").toString(),
                        "shoal.scratch.bytes",
                        "512M",
                        "shoal.cache.bytes",
                        "32M",
                        "shoal.fleet-key",
                        "the fleet's"));
                settings.put("shoal.peer.encryption", "required");
                return settings;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The first of four free ports, which lie below those that the kernel gives to others meanwhile. */
        private static int freePorts() {
            return ThreadLocalRandom.current()
                    .ints(20_000, 30_000)
                    .filter(base -> IntStream.range(base, base + 4).allMatch(OneWorker::isFree))
                    .findFirst()
                    .orElseThrow();
        }

        private static boolean isFree(int port) {
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.isBound();
            } catch (IOException e) {
                return false;
            }
        }
    }

    @TempDir
    Path folder;

    private final Map<String, StatusRecord> statuses = new ConcurrentHashMap<>();
    private ObjectStore store;
    private KafkaProducer<String, byte[]> producer;
    private KafkaConsumer<String, byte[]> consumer;
    private TestTracker tracker;

    @BeforeEach
    void connect() throws Exception {
        var config = ConfigProvider.getConfig();
        URI endpoint = config.getValue("shoal.s3.endpoint", URI.class);
        store = new MinioObjectStore(new StoreConfig(
                endpoint,
                endpoint,
                "us-east-1",
                "shoal",
                config.getValue("shoal.s3.access-key", String.class),
                config.getValue("shoal.s3.secret-key", String.class)));
        Map<String, Object> kafka =
                Map.of("bootstrap.servers", config.getValue("kafka.bootstrap.servers", String.class));
        await().atMost(PATIENCE)
                .until(() -> get(Management.url("/q/health/ready")).statusCode() == 200);
        producer = new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer());
        consumer = new KafkaConsumer<>(kafka, new StringDeserializer(), new ByteArrayDeserializer());
        var partitions = consumer.partitionsFor(Topic.STATUS_NAME).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        tracker = new TestTracker();
    }

    @AfterEach
    void disconnect() {
        tracker.close();
        producer.close();
        consumer.close();
        store.close();
    }

    @Test
    void aWantedSliceIsDownloadedStoredSeededAndEnded() throws Exception {
        double storedBefore = metric("shoal_swarm_segments_stored_total");
        RandomTorrent content = RandomTorrent.of(256 << 10, 33 * MIB + 77, 3 * MIB, 200, MIB + 1);
        store.put(content.keys.info(), ByteBuffer.wrap(content.info.bytes()));
        writeFiles(content, folder.resolve("seed"));
        String key = new SliceKey.OfTorrent(content.keys.torrent(), 0).toString();
        try (ExternalPeer seed = new ExternalPeer("seed", content.info, folder.resolve("seed"), tracker.url(), 0)) {
            send(key, slice(content, 1, Mode.RUN));
            awaitStatus(key, status -> status.state() == State.SEEDING);
            await().atMost(PATIENCE).until(() -> seed.torrent().stats().uploaded() >= content.bytes.length);
        }
        for (var segment : content.segments().entrySet()) {
            assertThat(store.get(segment.getKey(), 16 * MIB)).isEqualTo(segment.getValue());
        }
        StatusRecord seeding = status(key);
        assertThat(seeding.stored().size()).isEqualTo(content.segments().size());
        assertThat(seeding.totals().down()).isGreaterThanOrEqualTo(content.bytes.length);
        assertThat(seeding.worker()).isEqualTo("worker-0");
        assertThat(metric("shoal_swarm_segments_stored_total") - storedBefore)
                .isEqualTo(content.segments().size());

        assertThat(metric("shoal_swarm_records_sent_total\\{topic=\"status\"}")).isGreaterThanOrEqualTo(3);
        assertThat(metric("shoal_swarm_records_sent_total\\{topic=\"progress\"}"))
                .isGreaterThanOrEqualTo(1);

        // The seed has left: a newcomer gets all of it from the worker, that is from the store.
        Path leech = Files.createDirectory(folder.resolve("leech"));
        try (ExternalPeer newcomer = new ExternalPeer("newcomer", content.info, leech, tracker.url(), 0)) {
            newcomer.finished.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(leech.resolve("content/file-0000")).hasBinaryContent(content.file(0));
        assertThat(leech.resolve("content/file-0003")).hasBinaryContent(content.file(3));
        assertThat(metric("shoal_swarm_store_read_bytes_total")).isGreaterThan(0);
        assertThat(metric("shoal_swarm_encryption_incoming_total") + metric("shoal_swarm_encryption_outgoing_total"))
                .as("as it is configured")
                .isGreaterThanOrEqualTo(2);
        assertThat(metric("shoal_swarm_encryption_rejected_total")).isZero();

        send(key, slice(content, 2, Mode.STOP));
        awaitStatus(key, status -> status.state() == State.STOPPED && status.rev() == 2);
        await().atMost(PATIENCE)
                .until(() -> tracker.announces.stream()
                        .anyMatch(heard -> heard.startsWith("-SH") && heard.endsWith("stopped")));
        producer.send(new ProducerRecord<>(Topic.SLICES_NAME, key, null)).get();
        await().atMost(PATIENCE).until(() -> {
            poll();
            return !statuses.containsKey(key);
        });
    }

    @Test
    void aMagnetIsResolvedIntoAnObject() throws Exception {
        RandomTorrent content = RandomTorrent.of(64 << 10, MIB);
        writeFiles(content, folder.resolve("seed"));
        UUID transfer = UUID.randomUUID();
        String key = new SliceKey.OfResolve(transfer).toString();
        try (ExternalPeer seed = new ExternalPeer("source", content.info, folder.resolve("seed"), tracker.url(), 0)) {
            await().atMost(PATIENCE).until(() -> seed.torrent().stats().left() == 0);
            send(
                    key,
                    new SliceRecord(
                            1,
                            content.keys.generation(),
                            1,
                            Kind.RESOLVE,
                            null,
                            "magnet:?xt=urn:btih:" + content.info.hash(),
                            content.info.hash().hex(),
                            false,
                            0,
                            -1,
                            Wanted.ALL,
                            Mode.RUN,
                            List.of(List.of(tracker.url())),
                            List.of(),
                            0,
                            List.of(),
                            null,
                            null,
                            null));
            awaitStatus(key, status -> status.state() == State.RESOLVED);
        }
        StatusRecord resolved = status(key);
        assertThat(resolved.infoKey()).isEqualTo("resolved/" + transfer);
        assertThat(store.get("resolved/" + transfer, MIB)).isEqualTo(content.info.bytes());
    }

    /** There is no peer and no tracker: all of it comes from a web server. */
    @Test
    void aTorrentWithoutPeersIsStoredFromItsWebSeed() throws Exception {
        RandomTorrent content = RandomTorrent.of(256 << 10, 18 * MIB + 77, 3 * MIB, 200, MIB + 1);
        store.put(content.keys.info(), ByteBuffer.wrap(content.info.bytes()));
        writeFiles(content, folder);
        String key = new SliceKey.OfTorrent(content.keys.torrent(), 0).toString();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> serve(exchange, folder));
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            send(key, slice(content, 1, Mode.RUN, List.of(), List.of(url)));
            awaitStatus(key, status -> status.state() == State.SEEDING);

            for (var segment : content.segments().entrySet()) {
                assertThat(store.get(segment.getKey(), 16 * MIB)).isEqualTo(segment.getValue());
            }
            assertThat(status(key).totals().down()).isEqualTo(content.bytes.length);
            assertThat(status(key).trackers()).containsExactly(StatusRecord.Tracker.ofWebSeed(url, "ok"));
            assertThat(metric("shoal_swarm_webseeds_bytes_total")).isGreaterThanOrEqualTo(content.bytes.length);
        } finally {
            server.stop(0);
        }
    }

    private static void serve(HttpExchange exchange, Path folder) throws IOException {
        Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
        String range = exchange.getRequestHeaders().getFirst("Range").replace("bytes=", "");
        int from = Integer.parseInt(range.substring(0, range.indexOf('-')));
        int length = Integer.parseInt(range.substring(range.indexOf('-') + 1)) - from + 1;
        exchange.getResponseHeaders().set("Content-Range", "bytes " + range + "/" + Files.size(file));
        exchange.sendResponseHeaders(206, length);
        exchange.getResponseBody().write(Files.readAllBytes(file), from, length);
        exchange.close();
    }

    private static void writeFiles(RandomTorrent content, Path folder) throws Exception {
        for (int i = 0; i < content.info.files().size(); i++) {
            Path file = folder;
            if (!content.info.singleFile()) {
                file = file.resolve(content.info.name());
            }
            for (String component : content.info.files().get(i).path()) {
                file = file.resolve(component);
            }
            Files.createDirectories(file.getParent());
            Files.write(file, content.file(i));
        }
    }

    private SliceRecord slice(RandomTorrent content, long rev, Mode mode) {
        return slice(content, rev, mode, List.of(List.of(tracker.url())), List.of());
    }

    private static SliceRecord slice(
            RandomTorrent content, long rev, Mode mode, List<List<String>> trackers, List<String> webSeeds) {
        return new SliceRecord(
                1,
                content.keys.generation(),
                rev,
                Kind.SLICE,
                content.keys.info(),
                null,
                content.info.hash().hex(),
                false,
                0,
                content.geometry.segments().size() - 1,
                Wanted.ALL,
                mode,
                trackers,
                webSeeds,
                0,
                List.of(),
                null,
                null,
                null);
    }

    private void send(String key, SliceRecord record) throws Exception {
        producer.send(new ProducerRecord<>(Topic.SLICES_NAME, key, Json.write(record)))
                .get();
    }

    private StatusRecord status(String key) {
        return Objects.requireNonNull(statuses.get(key));
    }

    private void awaitStatus(String key, Predicate<StatusRecord> condition) {
        await().alias(key).atMost(PATIENCE).until(() -> {
            poll();
            StatusRecord newest = statuses.get(key);
            return newest != null && condition.test(newest);
        });
    }

    private void poll() throws Exception {
        for (var record : consumer.poll(Duration.ofMillis(50))) {
            if (record.value() == null) {
                statuses.remove(record.key());
            } else {
                statuses.put(record.key(), Json.read(record.value(), StatusRecord.class));
            }
        }
    }

    /** Peers that try the DHT or uTP with this worker find nothing, and the operator sees how many do. */
    @Test
    void datagramsThatAreNotExpectedAreCounted() throws Exception {
        int port = ConfigProvider.getConfig().getValue("shoal.peer.base-port", Integer.class);
        byte[] ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe".getBytes(StandardCharsets.US_ASCII);
        try (DatagramSocket peer = new DatagramSocket()) {
            for (int i = 0; i < 4; i++) {
                peer.send(new DatagramPacket(ping, ping.length, InetAddress.ofLiteral("127.0.0.1"), port + i));
            }
        }
        await().atMost(PATIENCE).until(() -> metric("shoal_swarm_datagrams_dropped_total\\{kind=\"krpc\"}") >= 4);
        assertThat(metric("shoal_swarm_datagrams_received_total")).isGreaterThanOrEqualTo(4);
    }

    private static double metric(String name) {
        String text = when().get(Management.url("/q/metrics")).asString();
        Matcher matcher =
                Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? ([0-9.E+]+)").matcher(text);
        assertThat(matcher.find()).as(name).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
