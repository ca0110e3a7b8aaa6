package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.contracts.topics.Topics;
import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.RunningServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners against a real broker; the slices are fakes. */
class OwnershipTest {
    private static final int PARTITIONS = 4;
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Bytes per second of an upload. */
    private static final long RATE = 1_000_000;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static String kafka = "";
    private static @Nullable RunningServer broker;
    private static @Nullable KafkaProducer<String, byte[]> producer;

    private final List<Ownership> started = new ArrayList<>();

    @BeforeAll
    static void startBroker() throws Exception {
        KafkaServer server = KafkaServer.in(folder);
        broker = RunningServer.start(server, folder.resolve("kafka.log"), Duration.ofSeconds(60));
        kafka = server.bootstrapServers();
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka))) {
            new Topics(admin, PARTITIONS, (short) 1).ensure();
        }
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stopBroker() {
        Objects.requireNonNull(producer).close();
        Objects.requireNonNull(broker).close();
    }

    @AfterEach
    void stopWorkers() {
        started.forEach(worker -> worker.stop(true));
    }

    @Test
    void startsTheNewestRecordsOfThePast() throws Exception {
        SliceKey kept = key();
        SliceKey removed = key();
        want(kept, slice(1, 1));
        want(removed, slice(1, 2));
        want(kept, slice(1, 4));
        want(kept, slice(1, 3));
        send(Topic.SLICES_NAME, removed.toString(), null);

        FakeSliceFactory work = new FakeSliceFactory();
        worker("past", work);

        FakeSlice run = work.await(kept);
        assertThat(run.first.rev()).isEqualTo(4);
        assertThat(run.epoch).isEqualTo(1);
        assertThat(work.runs(removed)).isEmpty();
    }

    @Test
    void aNewerRevisionReachesTheWorkAndAnOlderOneDoesNot() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 10));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("revisions", work);
        FakeSlice run = work.await(key);

        want(key, slice(1, 9));
        want(key, slice(1, 12));
        await().atMost(PATIENCE).until(() -> !run.wanted.isEmpty());
        assertThat(run.wanted).extracting(SliceRecord::rev).containsExactly(12L);
    }

    @Test
    void aLaterGenerationIsNewWorkAndTheOneBeforeIsDropped() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("generations", work);
        FakeSlice old = work.await(key);
        old.setStatus(observed(1, 1, 5));

        want(key, slice(2, 2));
        await().atMost(PATIENCE).until(() -> work.runs(key).size() == 2);
        assertThat(old.dropped).isTrue();
        FakeSlice fresh = work.runs(key).getLast();
        assertThat(fresh.first.gen()).isEqualTo(new Generation(2));
        assertThat(fresh.last).as("what was said of a dead generation").isNull();
    }

    @Test
    void aNewOwnerKnowsTheLastStatusAndHasAHigherEpoch() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory before = new FakeSliceFactory();
        Ownership first = worker("takeover-a", before);
        FakeSlice run = before.await(key);
        run.setStatus(observed(1, 1, 7));

        FakeSliceFactory after = new FakeSliceFactory();
        first.stop(true);
        assertThat(run.handedOver).isTrue();
        assertThat(run.dropped).isFalse();
        worker("takeover-b", after);
        FakeSlice next = after.await(key);
        assertThat(next.epoch).isGreaterThan(run.epoch);
        assertThat(Objects.requireNonNull(next.last).stored().contains(7)).isTrue();
        StatusRecord published = awaitStatus(key, status -> status.worker().equals("takeover-b"));
        assertThat(published.epoch()).isEqualTo(next.epoch);
    }

    @Test
    void aRestartedWorkerGoesOnWithItsOwnSlices() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory before = new FakeSliceFactory();
        Ownership first = worker("restarted", before);
        before.await(key);
        first.stop(false);

        FakeSliceFactory after = new FakeSliceFactory();
        worker("restarted", after);
        assertThat(after.await(key).epoch).isEqualTo(2);
    }

    @Test
    void aWorkerOfTheSameNameWaitsUntilTheFirstHasLeft() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory before = new FakeSliceFactory();
        Ownership first = worker("twin", before);
        FakeSlice run = before.await(key);

        FakeSliceFactory after = new FakeSliceFactory();
        Ownership second = new Ownership(config("twin"), after, OwnershipTest::died);
        started.add(second);
        second.start();
        await().during(Duration.ofSeconds(3))
                .atMost(PATIENCE)
                .until(() -> after.runs(key).isEmpty());
        assertThat(run.dropped).isFalse();
        first.stop(true);
        assertThat(after.await(key).epoch).isEqualTo(2);
    }

    @Test
    void twoWorkersShareTheSlices() throws Exception {
        List<SliceKey> keys = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            SliceKey key = key();
            keys.add(key);
            want(key, slice(1, 1));
        }
        FakeSliceFactory a = new FakeSliceFactory();
        FakeSliceFactory b = new FakeSliceFactory();
        worker("share-a", a);
        worker("share-b", b);
        await().atMost(PATIENCE).until(() -> {
            Map<String, StatusRecord> published = statuses();
            List<String> owners = keys.stream()
                    .map(key -> published.get(key.toString()))
                    .map(status -> status == null ? "" : status.worker())
                    .toList();
            return owners.contains("share-a") && owners.contains("share-b") && !owners.contains("");
        });
    }

    @Test
    void anUnwantedSliceEndsAndItsStatusIsRemoved() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("ending", work);
        FakeSlice run = work.await(key);
        awaitStatus(key, status -> true);

        send(Topic.SLICES_NAME, key.toString(), null);
        await().atMost(PATIENCE).until(() -> run.ended);
        await().atMost(PATIENCE).until(() -> status(key) == null);
    }

    /** The slice ended while no worker was there, or Kafka refused the tombstone. */
    @Test
    void aStatusOfASliceThatIsGoneIsRemoved() throws Exception {
        SliceKey gone = key();
        SliceKey kept = key();
        want(kept, slice(1, 1));
        send(Topic.STATUS_NAME, gone.toString(), Json.write(observed(1, 1, 0).toRecord("before", 1)));
        AtomicLong turned = new AtomicLong();
        begin(new Ownership(
                config("leftovers"),
                new FakeSliceFactory(),
                new WorkerProducer(config("leftovers")),
                () -> System.nanoTime() + turned.get(),
                OwnershipTest::died));
        awaitStatus(kept, status -> true);
        await().atMost(PATIENCE).until(() -> {
            turned.addAndGet(UnwantedStatuses.DELAY.toNanos());
            return status(gone) == null;
        });
        assertThat(status(kept)).isNotNull();
    }

    @Test
    void aSliceThatAnotherHasClaimedIsDropped() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("fenced", work);
        FakeSlice run = work.await(key);
        // The claim and the first word of the work; after that nothing is due any more.
        awaitStatus(
                key, status -> status.worker().equals("fenced") && status.state() == StatusRecord.State.DOWNLOADING);

        send(Topic.STATUS_NAME, key.toString(), Json.write(observed(1, 1, 0).toRecord("other", 100)));
        await().atMost(PATIENCE).until(() -> run.dropped);
        run.setStatus(observed(1, 1, 9));
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> Objects.requireNonNull(status(key)).worker(), "other"::equals);
    }

    @Test
    void aHandOverOfManySlicesTriesAKafkaThatIsAwayOnce() throws Exception {
        List<SliceKey> keys = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            SliceKey key = key();
            keys.add(key);
            want(key, slice(1, 1));
        }
        FakeSliceFactory work = new FakeSliceFactory();
        UnavailableProducer producer = new UnavailableProducer();
        Ownership worker = begin(new Ownership(
                config("away"), work, new WorkerProducer(() -> producer), System::nanoTime, OwnershipTest::died));
        keys.forEach(work::await);

        work.handingOver = () -> producer.away = true;
        worker.stop(true);
        assertThat(keys)
                .allSatisfy(
                        key -> assertThat(work.runs(key).getLast().handedOver).isTrue());
        assertThat(producer.refused()).isEqualTo(1);
    }

    @Test
    void aKilledWorkerTakesAtMostFiveSecondsOfTrafficWithIt() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSlice killed = uploadThenKill(key, Duration.ofMinutes(3));
        assertThat(statuses(key).stream().filter(status -> status.epoch() == killed.epoch))
                .as("the claim, and that it seeds: all before it sent anything")
                .allSatisfy(status -> assertThat(status.totals().up()).isZero());

        FakeSlice next = uploadThenKill(key, Duration.ofMinutes(9));
        assertThat(killed.totals().up() - up(next.last)).isBetween(0L, 5 * RATE);

        forgetProgress();
        FakeSliceFactory after = new FakeSliceFactory();
        worker("uploads", after);
        FakeSlice last = after.await(key);
        assertThat(next.totals().up() - up(last.last))
                .as("with progress lost")
                .isBetween(5 * RATE + 1, StatusSchedule.TOTALS.toSeconds() * RATE);
        assertThat(last.epoch).isEqualTo(3);
    }

    /** A worker sends at {@link #RATE} for so long by its clock, and is killed 4.9 s after the last record. */
    private FakeSlice uploadThenKill(SliceKey key, Duration time) throws Exception {
        AtomicLong turned = new AtomicLong();
        // The real clock adds less than one turn, however slow the machine is.
        long realEnd = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        AtomicBoolean isKilled = new AtomicBoolean();
        FakeSliceFactory work = new FakeSliceFactory();
        Ownership worker = begin(new Ownership(
                config("uploads"),
                work,
                new WorkerProducer(() -> new MortalProducer(isKilled)),
                () -> turned.get() + Math.min(System.nanoTime(), realEnd),
                OwnershipTest::died));
        FakeSlice run = work.await(key);
        run.setStatus(FakeSlice.status(1, 1, StatusRecord.State.SEEDING, 0).with(run.totals()));
        awaitStatus(key, status -> status.state() == StatusRecord.State.SEEDING && status.epoch() == run.epoch);
        for (int minute = 0; minute < time.toMinutes(); minute++) {
            run.transfer(0, 60 * RATE, new ProgressRecord.Rates(0, RATE));
            turned.addAndGet(Duration.ofMinutes(1).toNanos());
            await().atMost(PATIENCE)
                    .until(() -> progress(key).getLast().totals().up()
                            == run.totals().up());
        }
        isKilled.set(true);
        run.transfer(0, 49 * RATE / 10, new ProgressRecord.Rates(0, RATE));
        worker.stop(false);
        return run;
    }

    /** Nothing that a killed process sends arrives anywhere. */
    private static final class MortalProducer extends KafkaProducer<String, byte[]> {
        private final AtomicBoolean isKilled;

        MortalProducer(AtomicBoolean isKilled) {
            super(
                    Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
                    new StringSerializer(),
                    new ByteArraySerializer());
            this.isKilled = isKilled;
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<String, byte[]> record, @Nullable Callback callback) {
            return isKilled.get() ? new CompletableFuture<>() : super.send(record, callback);
        }
    }

    private static long up(@Nullable StatusRecord last) {
        return Objects.requireNonNull(last).totals().up();
    }

    @Test
    void aSliceThatIsHandedOverIsShownAtRest() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        Ownership worker = worker("resting", work);
        work.await(key).transfer(5, 6, new ProgressRecord.Rates(7, 8));
        await().atMost(PATIENCE)
                .until(() ->
                        progress(key).stream().anyMatch(entry -> entry.rates().equals(new ProgressRecord.Rates(7, 8))));

        worker.stop(true);
        ProgressRecord.Slice last = progress(key).getLast();
        assertThat(last.rates()).isEqualTo(ProgressRecord.Rates.ZERO);
        assertThat(last.totals().down()).isEqualTo(5);
    }

    @Test
    void aSwarmIsPublishedWhileItIsLookedAtAndByTheNextOwnerAfterARenewal() throws Exception {
        SliceKey key = key();
        SliceKey other = key();
        want(key, slice(2, 1));
        want(other, slice(2, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        Ownership first = worker("looked-at-a", work);
        work.await(key).swarm = CompletableFuture.completedFuture(ONE_PEER);
        FakeSlice ignored = work.await(other);

        send(Topic.DEMAND_NAME, key.toString(), "{\"kind\":\"later\",\"v\":1}".getBytes(StandardCharsets.UTF_8));
        send(Topic.DEMAND_NAME, other.toString(), inspect(1, Duration.ofSeconds(15)));
        send(Topic.DEMAND_NAME, other.toString(), inspect(2, Duration.ofSeconds(-1)));
        awaitSwarm(key, "looked-at-a");
        assertThat(ignored.inspections).as("of an old generation, and lapsed").hasValue(0);

        first.stop(true);
        FakeSliceFactory after = new FakeSliceFactory();
        worker("looked-at-b", after);
        after.await(key).swarm = CompletableFuture.completedFuture(ONE_PEER);
        awaitSwarm(key, "looked-at-b");
    }

    private static final SwarmView ONE_PEER = new SwarmView(
            1,
            List.of(new SwarmReport.Peer(
                    "192.0.2.1",
                    6881,
                    "some client",
                    Set.of(),
                    SwarmReport.PeerSource.OTHER,
                    500,
                    1,
                    2,
                    3,
                    4,
                    List.of())),
            null);

    /** Renews the demand as intake does, until this worker has published the swarm of the slice. */
    private static void awaitSwarm(SliceKey key, String worker) throws Exception {
        AtomicLong renewals = new AtomicLong();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            if (renewals.getAndIncrement() % 10 == 0) {
                send(Topic.DEMAND_NAME, key.toString(), inspect(2, Duration.ofSeconds(15)));
            }
            for (ConsumerRecord<String, byte[]> record : read(Topic.PROGRESS_NAME)) {
                ProgressRecord progress = Json.read(record.value(), ProgressRecord.class);
                SwarmReport swarm = progress.swarm();
                if (progress.worker().equals(worker) && swarm != null) {
                    assertThat(swarm.key()).isEqualTo(key.toString());
                    assertThat(swarm.peers()).isEqualTo(ONE_PEER.peers());
                    return true;
                }
            }
            return false;
        });
    }

    private static byte[] inspect(long gen, Duration time) {
        return Json.write(
                new DemandRecord.Inspect(1, new Generation(gen), System.currentTimeMillis() + time.toMillis()));
    }

    @Test
    void aDemandThatCannotBeParsedIsPutAside() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("unreadable", work);
        work.await(key);
        byte[] bad = "{\"kind\":\"inspect\",\"v\":1}".getBytes(StandardCharsets.UTF_8);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            send(Topic.DEMAND_NAME, key.toString(), bad); // none before it has reached the end of the partition
            return read(Topic.DEAD_NAME).stream().anyMatch(record -> Arrays.equals(record.value(), bad));
        });
    }

    @Test
    void anErrorEndsTheOwnershipLoudlyAndLivenessSeesIt() throws Exception {
        SliceKey key = key();
        want(key, slice(1, 1));
        LinkageError error = new LinkageError("of the test");
        CompletableFuture<Throwable> died = new CompletableFuture<>();
        SliceFactory failing = (slice, wanted, last, epoch) -> {
            throw error;
        };
        Ownership worker = new Ownership(config("failing"), failing, died::complete);
        started.add(worker);
        worker.start();
        assertThat(died.get(30, TimeUnit.SECONDS)).isSameAs(error);
        await().dontCatchUncaughtExceptions().atMost(PATIENCE).until(() -> !worker.isAlive());
    }

    @Test
    void aRecordThatCannotBeParsedIsPutAsideAndTheRestGoesOn() throws Exception {
        SliceKey key = key();
        send(
                Topic.SLICES_NAME,
                key.toString(),
                "{\"v\":1,\"gen\":0}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        send(Topic.SLICES_NAME, "no key", Json.write(slice(1, 1)));
        SliceKey fine = key();
        want(fine, slice(1, 1));
        FakeSliceFactory work = new FakeSliceFactory();
        worker("burial", work);
        work.await(fine);
        assertThat(work.runs(key)).isEmpty();
        await().atMost(PATIENCE)
                .until(() -> read(Topic.DEAD_NAME).stream()
                        .map(ConsumerRecord::key)
                        .toList()
                        .containsAll(List.of(key.toString(), "no key")));
    }

    // ---- The world

    private Ownership worker(String name, FakeSliceFactory work) {
        return begin(new Ownership(config(name), work, OwnershipTest::died));
    }

    private Ownership begin(Ownership worker) {
        started.add(worker);
        worker.start();
        await().atMost(PATIENCE).until(worker::isJoined);
        return worker;
    }

    private static void died(Throwable cause) {
        throw new AssertionError("ownership has failed", cause);
    }

    private static OwnershipConfig config(String name) {
        return new OwnershipConfig(
                KafkaClientConfig.of(Map.of("bootstrap.servers", kafka)),
                name,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                500);
    }

    static SliceKey key() {
        String number =
                Integer.toString(NUMBER.incrementAndGet(), 5).replace('0', '5').replace('1', '6');
        return new SliceKey.OfTorrent(new TorrentId("a".repeat(26 - number.length()) + number), 0);
    }

    static SliceRecord slice(long gen, long rev) {
        return new SliceRecord(
                1,
                new Generation(gen),
                rev,
                SliceRecord.Kind.SLICE,
                "info",
                null,
                "ab".repeat(20),
                false,
                0,
                0,
                Wanted.ALL,
                SliceRecord.Mode.RUN,
                List.of(),
                List.of(),
                0,
                List.of(),
                null,
                null,
                null);
    }

    private static SliceStatus observed(long gen, long rev, int stored) {
        return FakeSlice.status(gen, rev, StatusRecord.State.DOWNLOADING, stored);
    }

    private static void want(SliceKey key, SliceRecord record) throws Exception {
        send(Topic.SLICES_NAME, key.toString(), Json.write(record));
    }

    private static void send(String topic, String key, byte @Nullable [] value) throws Exception {
        Objects.requireNonNull(producer)
                .send(new ProducerRecord<>(topic, key, value))
                .get();
    }

    private static StatusRecord awaitStatus(SliceKey key, java.util.function.Predicate<StatusRecord> is) {
        return await().atMost(PATIENCE).until(() -> status(key), status -> status != null && is.test(status));
    }

    private static @Nullable StatusRecord status(SliceKey key) throws Exception {
        return statuses().get(key.toString());
    }

    /** The newest of each key. */
    private static Map<String, StatusRecord> statuses() throws Exception {
        Map<String, StatusRecord> newest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : read(Topic.STATUS_NAME)) {
            if (record.value() == null) {
                newest.remove(record.key());
            } else {
                newest.put(record.key(), Json.read(record.value(), StatusRecord.class));
            }
        }
        return newest;
    }

    private static List<StatusRecord> statuses(SliceKey key) throws Exception {
        List<StatusRecord> all = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : read(Topic.STATUS_NAME)) {
            if (record.key().equals(key.toString()) && record.value() != null) {
                all.add(Json.read(record.value(), StatusRecord.class));
            }
        }
        return all;
    }

    /** The entries of a slice in {@code progress}, in order; one without figures if there are none. */
    private static List<ProgressRecord.Slice> progress(SliceKey key) throws Exception {
        List<ProgressRecord.Slice> entries = new ArrayList<>();
        entries.add(FakeSlice.dormant().figures().toEntry(key.toString(), new Generation(1), 0));
        for (ConsumerRecord<String, byte[]> record : read(Topic.PROGRESS_NAME)) {
            Json.read(record.value(), ProgressRecord.class).slices().stream()
                    .filter(entry -> entry.key().equals(key.toString()))
                    .forEach(entries::add);
        }
        return entries;
    }

    private static void forgetProgress() throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            all.put(new TopicPartition(Topic.PROGRESS_NAME, i), RecordsToDelete.beforeOffset(-1));
        }
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka))) {
            admin.deleteRecords(all).all().get();
        }
    }

    private static List<ConsumerRecord<String, byte[]>> read(String topic) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < PARTITIONS; i++) {
                all.add(new TopicPartition(topic, i));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(50)).forEach(read::add);
            }
            return read;
        }
    }
}
