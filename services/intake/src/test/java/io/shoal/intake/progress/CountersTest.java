package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import jakarta.inject.Inject;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counters of several replicas, some of which lag. */
@QuarkusTest
@OnPlatform
class CountersTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Duties duties;

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

    /** A replica that has just read a status writes what it knows. */
    private void write(long epoch, int stored, long up) {
        Torrent torrent = torrent();
        Generation gen = torrent.generation();
        BitSet bits = new BitSet();
        bits.set(0, stored);
        StatusBoard board = new StatusBoard();
        Counters counters = new Counters(database, board, duties, figures);
        SliceKey.OfTorrent key = new SliceKey.OfTorrent(id, 0);
        board.put(
                key,
                Fleet.status(gen, torrent.rev(), epoch, StatusRecord.State.SEEDING, null, Bits.of(bits), up, null));
        QuarkusTransaction.requiringNew().call(() -> counters.write(List.of(key)));
    }

    @Test
    void aReplicaThatLagsOverwritesNothing() {
        write(3, 1, 700);
        write(3, 1, 600);
        assertThat(torrent().up()).isEqualTo(700);
        write(2, 1, 900);
        assertThat(torrent().up()).as("of an owner before").isEqualTo(700);
        write(3, 0, 700);
        assertThat(torrent().stored().cardinality()).isEqualTo(1);
    }

    @Test
    void aLaterOwnerCountsThoughItsTotalsFellBack() {
        write(3, 1, 700);
        write(4, 1, 650);
        assertThat(torrent().up()).isEqualTo(650);
    }
}
