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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statuses that say what is known, as after a restart, are looked at together: no row is locked or written. */
@QuarkusTest
@OnPlatform
class UnmovedTest {
    @Inject
    TransferMoves moves;

    @Inject
    AgroalDataSource database;

    private final Metainfo seeding = Torrents.several();
    private final Metainfo downloading = Torrents.several();
    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;
    private String downloadingId = "";

    @BeforeEach
    void twoTransfersOfAFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
        String seedingId = tenant.add(seeding);
        downloadingId = tenant.add(downloading);
        fleet.say(key(seeding), seeds());
        fleet.say(key(downloading), downloads());
        tenant.awaitState(seedingId, "SEEDING");
        tenant.awaitState(downloadingId, "DOWNLOADING");
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private TorrentId id(Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash());
    }

    private String key(Metainfo torrent) {
        return id(torrent) + "/0";
    }

    private SliceRecord slice(Metainfo torrent) {
        return fleet.awaitSlice(key(torrent), s -> true);
    }

    private StatusRecord seeds() {
        return Fleet.status(slice(seeding), 1, StatusRecord.State.SEEDING, 3, 0);
    }

    private StatusRecord downloads() {
        return Fleet.status(slice(downloading), 1, StatusRecord.State.DOWNLOADING, 1, 0);
    }

    /** What every write and every lock of a row changes. */
    private List<String> rows() throws SQLException {
        List<String> rows = new ArrayList<>();
        try (var connection = database.getConnection();
                var query = connection.prepareStatement("""
                        select concat_ws(' ', t.ctid, t.xmin, t.xmax, r.ctid, r.xmin, r.xmax)
                          from transfer t join torrent r on r.id = t.torrent_id
                         where t.tenant_id = cast(? as uuid) order by t.id""")) {
            query.setString(1, tenant.id());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    rows.add(found.getString(1));
                }
            }
        }
        return rows;
    }

    @Test
    void nothingIsLockedOrWritten() {
        Map<TorrentId, StatusRecord> known = Map.of(id(seeding), seeds(), id(downloading), downloads());
        Tenant.await()
                .untilAsserted(
                        () -> { // the looks at the last wishes may come late
                            List<String> before = rows();
                            assertThat(moves.unmoved(known))
                                    .hasValueSatisfying(
                                            found -> assertThat(found).containsOnlyKeys(id(seeding), id(downloading)));
                            assertThat(rows()).isEqualTo(before);
                        });
    }

    @Test
    void whatMovesIsMovedOnlyWhenItIsActedUpon() {
        StatusRecord more = Fleet.status(slice(downloading), 1, StatusRecord.State.DOWNLOADING, 2, 0);
        StatusRecord done = Fleet.status(slice(downloading), 1, StatusRecord.State.SEEDING, 3, 0);
        Tenant.await().untilAsserted(() -> {
            List<String> before = rows();
            assertThat(moves.unmoved(Map.of(id(seeding), seeds(), id(downloading), more)))
                    .isEmpty();
            assertThat(moves.unmoved(Map.of(id(seeding), seeds(), id(downloading), done)))
                    .isEmpty();
            assertThat(rows()).isEqualTo(before);
        });
        moves.move(id(downloading), done);
        tenant.awaitState(downloadingId, "SEEDING");
    }
}
