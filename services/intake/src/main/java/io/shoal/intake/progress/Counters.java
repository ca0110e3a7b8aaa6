package io.shoal.intake.progress;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Writes the totals of torrents once a minute. Tenants see them while Kafka is away, and downloads without progress are found by
 * them. Only the owner of a torrent's partition writes. Older totals never overwrite newer ones: they are ordered by epoch within a
 * generation, and within an epoch they only grow.
 */
@ApplicationScoped
public class Counters {
    private static final Logger LOG = Logger.getLogger(Counters.class);

    /** Rows of one statement, and so of one transaction. */
    private static final int BATCH = 1_000;

    /** At a stop this comes before the end of the membership, with which the partitions go. */
    private static final int BEFORE_OTHERS = 1;

    private static final String UPSERT = """
            insert into torrent_counters as c (torrent_id, gen, epoch, down, up, wasted, seeding_seconds)
            select s.id, s.gen, s.epoch, s.down, s.up, s.wasted, s.seeding
              from unnest(?, ?, ?, ?, ?, ?, ?) as s(id, gen, epoch, down, up, wasted, seeding)
              join (select id, gen from torrent where id = any(?) order by id for key share) as t
                on t.id = s.id and t.gen = s.gen
             order by s.id
            on conflict (torrent_id) do update
               set gen = excluded.gen, epoch = excluded.epoch, down = excluded.down, up = excluded.up,
                   wasted = excluded.wasted, seeding_seconds = excluded.seeding_seconds
             where (excluded.gen, excluded.epoch,
                    excluded.down + excluded.up + excluded.wasted + excluded.seeding_seconds)
                   > (c.gen, c.epoch, c.down + c.up + c.wasted + c.seeding_seconds)
            """;

    /** Torrents of which a transfer's goal is met: it may have changed since it was last looked at. */
    private static final String GOALS = """
            select distinct t.torrent_id
              from transfer t join torrent_counters c on c.torrent_id = t.torrent_id
             where t.torrent_id = any(?) and t.state = 'SEEDING' and t.ratio is not null and not t.forced
               and c.up - t.joined_up >= t.ratio * t.wanted_bytes
            """;

    private final AgroalDataSource database;
    private final ChangedTotals changed;
    private final Transitions transitions;
    private final SortFigures figures;

    Counters(AgroalDataSource database, ChangedTotals changed, Transitions transitions, SortFigures figures) {
        this.database = database;
        this.changed = changed;
        this.transitions = transitions;
        this.figures = figures;
    }

    void end(@Observes @Priority(BEFORE_OTHERS) ShutdownEvent event) {
        write();
    }

    /** Writes what has changed since the last time. */
    @Scheduled(
            every = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    public void write() {
        ChangedTotals.Taken taken = changed.take();
        for (List<ChangedTotals.Row> batch = taken.next(BATCH); !batch.isEmpty(); batch = taken.next(BATCH)) {
            writeOrKeep(batch);
        }
    }

    private void writeOrKeep(List<ChangedTotals.Row> rows) {
        try {
            List<TorrentId> met = QuarkusTransaction.requiringNew().call(() -> write(rows));
            met.forEach(torrent -> transitions.reconsider(new SliceKey.OfTorrent(torrent, 0)));
            figures.write(rows.stream().map(ChangedTotals.Row::torrent).toList());
        } catch (RuntimeException e) { // most likely the database is away: these counters wait for the next minute
            LOG.warnf("counters wait to be written: %s", e);
            rows.forEach(changed::add);
        }
    }

    /** Inside a transaction: writes, and returns torrents of which a seeding goal is met. */
    List<TorrentId> write(List<ChangedTotals.Row> rows) throws SQLException {
        try (Connection connection = database.getConnection()) {
            try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
                ArrayParameter.set(upsert, 1, "text", rows, row -> row.torrent().value());
                ArrayParameter.set(upsert, 2, "bigint", rows, ChangedTotals.Row::gen);
                ArrayParameter.set(upsert, 3, "bigint", rows, ChangedTotals.Row::epoch);
                ArrayParameter.set(upsert, 4, "bigint", rows, ChangedTotals.Row::down);
                ArrayParameter.set(upsert, 5, "bigint", rows, ChangedTotals.Row::up);
                ArrayParameter.set(upsert, 6, "bigint", rows, ChangedTotals.Row::wasted);
                ArrayParameter.set(upsert, 7, "bigint", rows, ChangedTotals.Row::seeding);
                ArrayParameter.set(upsert, 8, "text", rows, row -> row.torrent().value());
                upsert.executeUpdate();
            }
            try (PreparedStatement goals = connection.prepareStatement(GOALS)) {
                ArrayParameter.set(goals, 1, "text", rows, row -> row.torrent().value());
                return torrents(goals);
            }
        }
    }

    private static List<TorrentId> torrents(PreparedStatement query) throws SQLException {
        List<TorrentId> torrents = new ArrayList<>();
        try (ResultSet found = query.executeQuery()) {
            while (found.next()) {
                torrents.add(new TorrentId(found.getString(1)));
            }
        }
        return torrents;
    }
}
