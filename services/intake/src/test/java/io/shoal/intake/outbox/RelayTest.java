package io.shoal.intake.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.hibernate.Session;
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
    Session session;

    @Inject
    Duties duties;

    @Inject
    DesiredState desired;

    @Inject
    Publisher publisher;

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
        Relay watched = new Relay(session, duties, desired, entries -> {
            publisher.publish(entries);
            told.add(entries);
        });
        watched.start();
        Tenant.await().until(() -> dirty() == 0);
        watched.stop();

        for (String torrent : torrents) {
            assertThat(turnOf(told, Topic.TORRENTS, torrent)).isLessThan(turnOf(told, Topic.SLICES, torrent + "/0"));
        }
    }

    private static int turnOf(List<List<Publisher.Entry>> told, Topic topic, String key) {
        return IntStream.range(0, told.size())
                .filter(turn -> told.get(turn).stream()
                        .anyMatch(entry -> entry.topic() == topic && entry.key().equals(key)))
                .findFirst()
                .orElseThrow();
    }

    private int dirty() throws Exception {
        try (var connection = database.getConnection();
                var count = connection.prepareStatement("select count(*) from dirty_key");
                var row = count.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
