package io.shoal.intake.outbox;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.Management;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.hibernate.exception.GenericJDBCException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was committed is published, whenever the relay dies. */
@QuarkusTest
@OnPlatform
class RelayTest {
    @Inject
    Relay relay;

    @Inject
    AgroalDataSource database;

    @Inject
    DirtyKeys keys;

    @Inject
    Duties duties;

    @Inject
    DesiredState desired;

    @Inject
    Publisher publisher;

    @Inject
    Outbox outbox;

    @AfterEach
    void relayRuns() {
        relay.start();
    }

    @Test
    void whatWasAddedWhileNoRelayRanIsPublishedByTheNext() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        List<Metainfo> torrents = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Metainfo torrent = Torrents.small();
            torrents.add(torrent);
            tenant.patch(tenant.add(torrent), "{\"paused\":true}").then().statusCode(200);
        }
        assertThat(dirty()).isGreaterThanOrEqualTo(10);
        relay.start();
        try (Fleet fleet = new Fleet()) {
            for (Metainfo torrent : torrents) {
                TorrentId id = TorrentId.of(tenant.id(), torrent.info().hash());
                SliceRecord slice = fleet.awaitSlice(id + "/0", s -> true);
                assertThat(slice.mode())
                        .as("only the current state is published")
                        .isEqualTo(SliceRecord.Mode.STOP);
                fleet.awaitTorrent(id, t -> t.rev() == slice.rev());
            }
        }
        Tenant.await().until(() -> dirty() == 0);
    }

    @Test
    void aRelayThatIsStoppedAndStartedAllTheTimeLosesNothing() throws Exception {
        Tenant tenant = Tenant.create();
        List<Metainfo> torrents = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Metainfo torrent = Torrents.small();
            torrents.add(torrent);
            tenant.add(torrent);
            relay.stop();
            relay.start();
        }
        try (Fleet fleet = new Fleet()) {
            for (Metainfo torrent : torrents) {
                fleet.awaitSlice(TorrentId.of(tenant.id(), torrent.info().hash()) + "/0", s -> true);
            }
        }
        Tenant.await().until(() -> dirty() == 0);
    }

    /** A worker that announces to a tracker which does not know its torrent yet is sent away for a while. */
    @Test
    void slicesAreToldAfterWhatTheirTrackersMustKnow() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        List<String> torrents = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Metainfo torrent = Torrents.small();
            tenant.add(torrent);
            torrents.add(TorrentId.of(tenant.id(), torrent.info().hash()).value());
        }
        List<List<Publisher.Entry>> told = new CopyOnWriteArrayList<>();
        Relay watched = new Relay(keys, duties, new Loops(), desired, entries -> {
            List<Publisher.Refusal> refused = publisher.publish(entries);
            told.add(entries);
            return refused;
        });
        watched.start();
        Tenant.await().until(() -> dirty() == 0);
        watched.stop();

        for (String torrent : torrents) {
            assertThat(turnOf(told, Topic.TORRENTS, torrent)).isLessThan(turnOf(told, Topic.SLICES, torrent + "/0"));
        }
    }

    @Test
    void aKeyWhoseRecordCannotBeMadeIsSetAsideAndHoldsUpNoOther() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        String bad = add(tenant).value();
        String refused = add(tenant).value();
        AtomicBoolean repaired = new AtomicBoolean();
        List<String> published = new CopyOnWriteArrayList<>();
        Relay watched = new Relay(
                keys,
                duties,
                new Loops(),
                read -> {
                    DesiredState.Records records = desired.read(read);
                    return key -> {
                        if (!repaired.get()
                                && key.topic() == Topic.TORRENTS
                                && key.key().equals(bad)) {
                            throw new IllegalStateException("too many bytes for Kafka");
                        }
                        return records.of(key);
                    };
                },
                entries -> {
                    List<Publisher.Refusal> refusals = repaired.get()
                            ? List.of()
                            : entries.stream()
                                    .filter(entry -> entry.key().key().equals(refused))
                                    .map(entry -> new Publisher.Refusal(entry.key(), new RecordTooLargeException()))
                                    .toList();
                    List<Publisher.Entry> accepted = entries.stream()
                            .filter(entry ->
                                    repaired.get() || !entry.key().key().equals(refused))
                            .toList();
                    assertThat(publisher.publish(accepted)).isEmpty();
                    accepted.forEach(entry -> published.add(text(entry)));
                    return refusals;
                });
        execute("insert into dirty_key (topic, key, stamp) values ('TORENTS', 'mistyped', nextval('dirty_seq'))");
        watched.start();
        try {
            Tenant.await().until(() -> published.contains("SLICES " + bad + "/0"));
            Tenant.await().until(() -> blocked() == 3);
            for (int i = 0; i < 3; i++) {
                String next = add(tenant).value();
                watched.wake(new Outbox.Dirtied());
                Tenant.await().until(() -> published.contains("TORRENTS " + next));
            }
            assertThat(published).doesNotContain("TORRENTS " + bad, "TORRENTS " + refused);
            Tenant.await()
                    .untilAsserted(() -> assertThat(
                                    given().get(Management.url("/q/metrics")).asString())
                            .containsPattern("shoal_outbox_blocked\\S* 3\\.0")
                            .containsPattern("shoal_outbox_keys\\S* 0\\.0")
                            .contains("shoal_outbox_oldest_seconds"));

            repaired.set(true);
            QuarkusTransaction.requiringNew().run(() -> outbox.dirty(Topic.TORRENTS, bad));
            QuarkusTransaction.requiringNew().run(() -> outbox.dirty(Topic.TORRENTS, refused));
            watched.wake(new Outbox.Dirtied());
            Tenant.await().until(() -> published.containsAll(List.of("TORRENTS " + bad, "TORRENTS " + refused)));
            assertThat(blocked()).isEqualTo(1);
        } finally {
            watched.stop();
            execute("delete from dirty_key where topic = 'TORENTS'");
        }
    }

    /** A row whose content cannot be read fails the batch as a whole. */
    @Test
    void aBatchThatCannotBeReadIsHalvedUntilTheKeyThatCausesItIsAlone() throws Exception {
        aloneIsSetAside(new IllegalStateException("a row that cannot be read"));
    }

    /** The database refuses the query of one key, each time. */
    @Test
    void aQueryThatTheDatabaseRefusesHoldsUpNoOtherKey() throws Exception {
        aloneIsSetAside(new GenericJDBCException("refused", new SQLException("bad value", "22P02")));
    }

    private void aloneIsSetAside(RuntimeException failure) throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        String bad = add(tenant).value();
        String good = add(tenant).value();
        List<String> published = new CopyOnWriteArrayList<>();
        Relay watched = reading(
                read -> {
                    if (read.contains(new RecordKey(Topic.TORRENTS, bad))) {
                        throw failure;
                    }
                },
                published);
        watched.start();
        try {
            Tenant.await().until(() -> blocked() == 1);
            Tenant.await().until(() -> dirty() == 1);
            assertThat(published)
                    .contains("TORRENTS " + good, "SLICES " + good + "/0", "SLICES " + bad + "/0")
                    .doesNotContain("TORRENTS " + bad);
        } finally {
            watched.stop();
            execute("delete from dirty_key where blocked_at is not null");
        }
    }

    @Test
    void whileTheDatabaseIsAwayNoKeyIsSetAside() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        String torrent = add(tenant).value();
        List<SQLException> away = new CopyOnWriteArrayList<>(List.of(
                new SQLException("no connection in time"),
                new SQLException("the connection broke", "08006"),
                new SQLException("the server shuts down", "57P01")));
        List<String> published = new CopyOnWriteArrayList<>();
        Relay watched = reading(
                read -> {
                    if (!away.isEmpty()) {
                        throw new GenericJDBCException("away", away.removeFirst());
                    }
                },
                published);
        watched.start();
        try {
            Tenant.await().until(() -> published.contains("TORRENTS " + torrent));
            assertThat(away).isEmpty();
            assertThat(blocked()).isZero();
        } finally {
            watched.stop();
        }
    }

    /** A relay that reads after {@code before}, and notes what it publishes. */
    private Relay reading(Consumer<Collection<RecordKey>> before, List<String> published) {
        return new Relay(
                keys,
                duties,
                new Loops(),
                read -> {
                    before.accept(read);
                    return desired.read(read);
                },
                entries -> {
                    entries.forEach(entry -> published.add(text(entry)));
                    return publisher.publish(entries);
                });
    }

    private static String text(Publisher.Entry entry) {
        return entry.key().topic() + " " + entry.key().key();
    }

    private static TorrentId add(Tenant tenant) {
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);
        return TorrentId.of(tenant.id(), torrent.info().hash());
    }

    private static int turnOf(List<List<Publisher.Entry>> told, Topic topic, String key) {
        return IntStream.range(0, told.size())
                .filter(turn ->
                        told.get(turn).stream().anyMatch(entry -> entry.key().equals(new RecordKey(topic, key))))
                .findFirst()
                .orElseThrow();
    }

    private int dirty() throws Exception {
        return count("select count(*) from dirty_key");
    }

    private int blocked() throws Exception {
        return count("select count(blocked_at) from dirty_key");
    }

    private int count(String query) throws Exception {
        try (var connection = database.getConnection();
                var count = connection.prepareStatement(query);
                var row = count.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private void execute(String statement) throws Exception {
        try (var connection = database.getConnection();
                var executing = connection.prepareStatement(statement)) {
            executing.execute();
        }
    }
}
