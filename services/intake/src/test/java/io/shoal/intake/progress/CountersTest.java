package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counters of several replicas, some of which lag. */
@QuarkusTest
@OnPlatform
class CountersTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Counters counters;

    @Inject
    Transitions transitions;

    @Inject
    Torrents torrents;

    @Inject
    SortFigures figures;

    private TorrentId id = new TorrentId("a".repeat(26));

    @BeforeEach
    void aTorrent() {
        Tenant tenant = Tenant.create();
        Metainfo metainfo = io.shoal.intake.platform.Torrents.small();
        tenant.add(metainfo);
        id = TorrentId.of(tenant.id(), metainfo.info().hash());
    }

    private Torrent torrent() {
        return QuarkusTransaction.requiringNew().call(() -> torrents.find(id).orElseThrow());
    }

    /** A replica writes what it has read. */
    private void write(long epoch, long up) {
        ChangedTotals.Row row = new ChangedTotals.Row(id, torrent().generation().value(), epoch, 5_000, up, 0, 0, 0);
        QuarkusTransaction.requiringNew().call(() -> counters.write(List.of(row)));
    }

    @Test
    void aReplicaThatLagsOverwritesNothing() {
        write(3, 700);
        write(3, 600);
        assertThat(torrent().up()).isEqualTo(700);
        write(2, 900);
        assertThat(torrent().up()).as("of an owner before").isEqualTo(700);
    }

    @Test
    void aLaterOwnerCountsThoughItsTotalsFellBack() {
        write(3, 700);
        write(4, 650);
        assertThat(torrent().up()).isEqualTo(650);
    }

    @Test
    void onlyTheOwnerOfAPartitionWrites() {
        OwnedPartitions owned = new OwnedPartitions();
        ChangedTotals changed = new ChangedTotals(owned);
        Counters replica = new Counters(database, changed, transitions, figures);
        changed.add(row(7, 100));
        replica.write();
        assertThat(torrent().up()).isZero();
        owned.add(Set.of(7));
        replica.write();
        assertThat(torrent().up()).as("it takes over in time").isEqualTo(100);

        owned.remove(Set.of(7));
        changed.add(row(7, 200));
        replica.write();
        replica.write();
        owned.add(Set.of(7));
        replica.write();
        assertThat(torrent().up()).as("the owner has written it long ago").isEqualTo(100);
    }

    @Test
    void aGoalThatIsMetIsLookedAtUnlessTheTransferIsForced() {
        assertThat(metWhile("true")).isEmpty();
        assertThat(metWhile("false")).containsExactly(id);
    }

    /** Returns torrents with a goal that is met, while the transfer seeds and is forced as {@code forced} says. */
    private List<TorrentId> metWhile(String forced) {
        ChangedTotals.Row row = row(0, 1L << 40);
        return QuarkusTransaction.requiringNew().call(() -> {
            try (var connection = database.getConnection();
                    var update = connection.prepareStatement(
                            "update transfer set state = 'SEEDING', complete = true, ratio = 1, forced = " + forced
                                    + " where torrent_id = ?")) {
                update.setString(1, id.value());
                update.executeUpdate();
            }
            return counters.write(List.of(row));
        });
    }

    private ChangedTotals.Row row(int partition, long up) {
        return new ChangedTotals.Row(id, torrent().generation().value(), 1, 0, up, 0, 0, partition);
    }

    @Test
    void ofTotalsThatWaitTheNewestIsWritten() {
        OwnedPartitions owned = new OwnedPartitions();
        owned.add(Set.of(0));
        ChangedTotals changed = new ChangedTotals(owned);
        changed.add(row(0, 300));
        changed.add(row(0, 200));
        assertThat(changed.take().next(10)).containsExactly(row(0, 300));
        assertThat(changed.take().next(10)).isEmpty();
    }
}
