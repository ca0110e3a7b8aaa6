package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.progress.Counters;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The times of a transfer, and goals of time. */
@QuarkusTest
@OnPlatform
class SeedingGoalsTest {
    @Inject
    SeedingLimits limits;

    @Inject
    Counters counters;

    @Inject
    AgroalDataSource database;

    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void aTenantAndAFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private String key(Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
    }

    private SliceRecord report(Metainfo torrent, StatusRecord.State state, int segments) {
        SliceRecord slice = fleet.awaitSlice(key(torrent), s -> s.mode() == Mode.RUN);
        fleet.say(key(torrent), Fleet.status(slice, 1, state, segments, 0));
        return slice;
    }

    @Test
    void seedingEndsAfterItsTime() {
        Metainfo torrent = Torrents.small();
        String id = tenant.submit(
                        Map.of("metainfo", Base64.getEncoder().encodeToString(torrent.encode()), "seedingTime", 3_600))
                .path("id");
        tenant.get(id).then().body("seedingTime", equalTo(3_600)).body("idleTime", nullValue());
        report(torrent, StatusRecord.State.SEEDING, 1);
        tenant.awaitState(id, "SEEDING");
        limits.turn();
        assertThat(tenant.state(id)).isEqualTo("SEEDING");

        tenant.patch(id, "{\"seedingTime\":0}").then().statusCode(200).body("seedingTime", equalTo(0));
        Tenant.await().until(() -> {
            limits.turn();
            return tenant.state(id).equals("DONE");
        });
        fleet.awaitSlice(key(torrent), slice -> slice.mode() == Mode.STOP);

        tenant.patch(id, "{\"seedingTime\":null}").then().statusCode(200).body("seedingTime", nullValue());
        report(torrent, StatusRecord.State.SEEDING, 1);
        fleet.awaitSlice(key(torrent), slice -> slice.mode() == Mode.RUN);
    }

    @Test
    void aForcedTransferSeedsAfterItsGoalsUntilItIsNoLongerForced() {
        Metainfo torrent = Torrents.small();
        String id =
                tenant.submit(Map.of("metainfo", torrent.encode(), "ratio", 0)).path("id");
        report(torrent, StatusRecord.State.SEEDING, 1);
        tenant.awaitState(id, "DONE");
        fleet.awaitSlice(key(torrent), slice -> slice.mode() == Mode.STOP);
        tenant.patch(id, "{\"force\":true}").then().statusCode(200).body("force", equalTo(true));
        report(torrent, StatusRecord.State.SEEDING, 1);
        tenant.awaitState(id, "SEEDING");
        tenant.patch(id, "{\"seedingTime\":0}").then().statusCode(200);
        limits.turn();
        assertThat(tenant.state(id)).isEqualTo("SEEDING");

        tenant.patch(id, "{\"force\":false,\"seedingTime\":null}").then().statusCode(200);
        tenant.awaitState(id, "DONE");
        fleet.awaitSlice(key(torrent), slice -> slice.mode() == Mode.STOP);
    }

    @Test
    void goalsOfTimeAreChecked() {
        String id = tenant.add(Torrents.small());
        for (String wrong : List.of("-1", "315360001", "1.5", "\"1\"", "99999999999999999999")) {
            tenant.patch(id, "{\"seedingTime\":" + wrong + "}")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("seedingTime"));
        }
        tenant.patch(id, "{\"idleTime\":59}").then().statusCode(422).body("field", equalTo("idleTime"));
        tenant.patch(id, "{\"idleTime\":60,\"ratio\":1}")
                .then()
                .statusCode(200)
                .body("idleTime", equalTo(60))
                .body("ratio", equalTo(1f));
        tenant.patch(id, "{\"seedingTime\":7}")
                .then()
                .body("idleTime", equalTo(60))
                .body("ratio", equalTo(1f))
                .body("seedingTime", equalTo(7));
    }

    @Test
    void timesTellWhatHappened() throws SQLException {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        tenant.get(id)
                .then()
                .body("times.completedAt", nullValue())
                .body("times.lastActivityAt", nullValue())
                .body("times.secondsDownloading", equalTo(0))
                .body("times.secondsSeeding", equalTo(0));
        report(torrent, StatusRecord.State.DOWNLOADING, 1);
        tenant.awaitState(id, "DOWNLOADING");
        Tenant.await().until(() -> {
            counters.write();
            return tenant.get(id).path("times.lastActivityAt") != null;
        });
        Instant active = Instant.parse(tenant.get(id).path("times.lastActivityAt"));
        assertThat(active.getEpochSecond() % 60).isZero();
        assertThat(Duration.between(active, Instant.now())).isLessThan(Duration.ofMinutes(5));

        earlier(id, 100);
        assertThat(tenant.get(id).<Integer>path("times.secondsDownloading")).isBetween(100, 1_000);
        report(torrent, StatusRecord.State.SEEDING, 3);
        tenant.awaitState(id, "SEEDING");
        earlier(id, 5_000);
        assertThat(tenant.get(id).<Integer>path("times.secondsDownloading")).isBetween(100, 1_000);
        assertThat(tenant.get(id).<Integer>path("times.secondsSeeding")).isBetween(5_000, 6_000);
        assertThat(tenant.get(id).<String>path("times.completedAt")).isNotNull();
        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        assertThat(tenant.get(id).<Integer>path("times.secondsSeeding")).isBetween(5_000, 6_000);
        assertThat(tenant.get(id).<String>path("times.completedAt")).isNotNull();
    }

    /** As if the transfer had been in its state for so many seconds more. */
    private void earlier(String id, int seconds) throws SQLException {
        try (var connection = database.getConnection();
                var update = connection.prepareStatement(
                        "update transfer set state_since = state_since - ? * interval '1 second' where id = ?")) {
            update.setInt(1, seconds);
            update.setObject(2, UUID.fromString(id));
            update.executeUpdate();
        }
    }
}
