package io.shoal.intake.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code docs/operations.md} has an operator do to intake's database. */
@QuarkusTest
@OnPlatform
class OperationsTest {
    private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
    private static final long RAISED = 1L << 32;

    @Inject
    Relay relay;

    @Inject
    AgroalDataSource database;

    @AfterEach
    void relayRuns() {
        relay.start();
    }

    @Test
    void anOlderDatabaseIsHeardAgainAndSaysAllThatItKnows() throws Exception {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        TorrentId id = TorrentId.of(tenant.id(), torrent.info().hash());
        tenant.add(torrent);
        String magnet = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        String search = new SliceKey.OfResolve(UUID.fromString(magnet)).toString();
        try (Fleet fleet = new Fleet()) {
            SliceRecord slice = fleet.awaitSlice(id + "/0", s -> true);
            SliceRecord searched = fleet.awaitSlice(search, s -> true);

            relay.stop();
            List<String> blocks = sqlBlocks();
            assertThat(blocks).hasSize(3);
            for (String block : blocks) {
                try (var connection = database.getConnection();
                        var statement = connection.createStatement()) {
                    statement.execute(block);
                }
            }
            relay.start();

            SliceRecord again = fleet.awaitSlice(id + "/0", s -> s.rev() > slice.rev() + RAISED / 2);
            assertThat(again.gen()).isEqualTo(slice.gen());
            fleet.awaitTorrent(id, t -> t.rev() == again.rev());
            fleet.awaitSlice(search, s -> s.rev() > searched.rev() + RAISED / 2);
        }
    }

    /** Returns the blocks of SQL that the page has. */
    static List<String> sqlBlocks() throws IOException {
        return SQL.matcher(Files.readString(Path.of("..", "..", "docs", "operations.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }
}
