package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lists are sorted by follows what the fleet reports. */
@QuarkusTest
@OnPlatform
class SortFiguresTest {
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

    private SliceRecord slice(Metainfo torrent) {
        return fleet.awaitSlice(key(torrent), s -> true);
    }

    private String key(Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
    }

    private List<String> listed(String sort) {
        counters.write(); // as once a minute
        return tenant.asks()
                .queryParams("sort", sort, "order", "desc")
                .get("/v1/transfers")
                .path("items.id");
    }

    /** No total of its torrent changes any more, with which figures are written otherwise. */
    @Test
    void aChangedWishChangesTheProgressAtOnce() throws Exception {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        fleet.say(key(torrent), Fleet.status(slice(torrent), 1, StatusRecord.State.DOWNLOADING, 1, 0));
        tenant.awaitState(id, "DOWNLOADING");
        String other = tenant.add(Torrents.several());
        Tenant.await().untilAsserted(() -> assertThat(listed("progress")).containsExactly(id, other));
        assertThat(progress(id)).isBetween(0.0, 0.9);
        tenant.patch(id, "{\"wanted\":[0]}").then().statusCode(200);
        Tenant.await().untilAsserted(() -> assertThat(progress(id)).isEqualTo(1));
    }

    private double progress(String transfer) throws SQLException {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement(
                        "select progress from transfer_figures where transfer_id = cast(? as uuid)")) {
            query.setString(1, transfer);
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getDouble(1);
            }
        }
    }

    @Test
    void listsAreSortedByProgressAndRatio() {
        Metainfo one = Torrents.several();
        Metainfo two = Torrents.several();
        String first = tenant.add(one);
        String second = tenant.add(two);
        String third = tenant.add(Torrents.several());
        fleet.say(key(one), Fleet.status(slice(one), 1, StatusRecord.State.DOWNLOADING, 1, 10));
        fleet.say(key(two), Fleet.status(slice(two), 1, StatusRecord.State.DOWNLOADING, 2, 5));
        Tenant.await().untilAsserted(() -> {
            assertThat(listed("progress")).containsExactly(second, first, third);
            assertThat(listed("ratio")).containsExactly(first, second, third);
        });
        fleet.say(key(one), Fleet.status(slice(one), 2, StatusRecord.State.SEEDING, 3, 11));
        fleet.say(key(two), Fleet.status(slice(two), 2, StatusRecord.State.DOWNLOADING, 2, 12));
        Tenant.await().untilAsserted(() -> {
            assertThat(listed("progress")).containsExactly(first, second, third);
            assertThat(listed("ratio")).containsExactly(second, first, third);
        });
    }
}
