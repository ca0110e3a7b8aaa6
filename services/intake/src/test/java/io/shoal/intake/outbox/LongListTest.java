package io.shoal.intake.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Neither a long list of denied torrents nor publishing everything again holds up work that comes after it. */
@QuarkusTest
@OnPlatform
class LongListTest {
    @Inject
    Relay relay;

    @Inject
    Session session;

    @Inject
    Duties duties;

    @Inject
    DesiredState desired;

    @Inject
    Publisher publisher;

    @Inject
    AgroalDataSource database;

    @AfterEach
    void relayRuns() {
        relay.start();
    }

    @Test
    void whatIsAddedAfterAListIsPublishedBeforeIt() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        long prefix = ThreadLocalRandom.current().nextLong();
        List<String> hashes = IntStream.range(0, 1_500)
                .mapToObj(i -> String.format(Locale.ROOT, "%016x%024x", prefix, i))
                .toList();
        Tenant.operator()
                .contentType("text/plain")
                .body(hashes.stream().collect(Collectors.joining("\n")))
                .post("/v1/deny")
                .then()
                .statusCode(200);
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);
        // Denied by itself, and urgent: it overtakes the list too.
        String urgent = hashes.getLast();
        Tenant.operator().delete("/v1/deny/" + urgent).then().statusCode(204);
        Tenant.operator().put("/v1/deny/" + urgent).then().statusCode(200);
        List<Publisher.Entry> published = new CopyOnWriteArrayList<>();
        Relay watched = new Relay(new DirtyKeys(session), duties, new Loops(), desired, entries -> {
            List<Publisher.Refusal> refused = publisher.publish(entries);
            published.addAll(entries);
            return refused;
        });
        watched.start();
        Tenant.await().until(() -> turnOf(published, Topic.ADMISSION, "list/" + hashes.get(1_400)) >= 0);
        watched.stop();

        int listed = turnOf(published, Topic.ADMISSION, "list/" + hashes.get(1_400));
        String slice = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        assertThat(turnOf(published, Topic.SLICES, slice)).isBetween(0, listed);
        assertThat(turnOf(published, Topic.ADMISSION, "list/" + urgent)).isBetween(0, listed);
    }

    @Test
    void whatIsAddedWhileEverythingIsPublishedAgainIsPublishedBeforeTheRest() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        long prefix = ThreadLocalRandom.current().nextLong();
        Tenant.operator()
                .contentType("text/plain")
                .body(IntStream.range(0, 1_500)
                        .mapToObj(i -> String.format(Locale.ROOT, "%016x%024x", prefix, i))
                        .collect(Collectors.joining("\n")))
                .post("/v1/deny")
                .then()
                .statusCode(200);
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("delete from dirty_key"); // as if the list had been published
            statement.execute(OperationsTest.sqlBlocks().stream()
                    .filter(block -> block.contains("insert into dirty_key"))
                    .findFirst()
                    .orElseThrow());
        }
        List<Publisher.Entry> published = new CopyOnWriteArrayList<>();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch added = new CountDownLatch(1);
        Relay watched = new Relay(new DirtyKeys(session), duties, new Loops(), desired, entries -> {
            began.countDown();
            added.await();
            List<Publisher.Refusal> refused = publisher.publish(entries);
            published.addAll(entries);
            return refused;
        });
        watched.start();
        Metainfo torrent = Torrents.small();
        try {
            began.await();
            tenant.add(torrent);
        } finally {
            added.countDown();
        }
        try {
            Tenant.await().until(() -> listed(published, prefix) == 1_500);
        } finally {
            watched.stop();
        }

        String slice = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        int turn = turnOf(published, Topic.SLICES, slice);
        assertThat(turn).isNotNegative();
        assertThat(listed(published.subList(0, turn), prefix))
                .as("keys of the list that one batch has published before")
                .isLessThan(1_000);
    }

    private static long listed(List<Publisher.Entry> published, long prefix) {
        String first = String.format(Locale.ROOT, "list/%016x", prefix);
        return published.stream()
                .map(entry -> entry.key().key())
                .filter(key -> key.startsWith(first))
                .distinct()
                .count();
    }

    private static int turnOf(List<Publisher.Entry> published, Topic topic, String key) {
        return IntStream.range(0, published.size())
                .filter(turn -> published.get(turn).key().equals(new RecordKey(topic, key)))
                .findFirst()
                .orElse(-1);
    }
}
