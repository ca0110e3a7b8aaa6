package io.shoal.intake.progress;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Writes counters once a minute, in one statement: stored segments and totals. Tenants see them while Kafka is
 * away. A replica that lags never overwrites newer ones: they are ordered by generation, epoch and check, and within these they
 * only grow. Rows are locked in the order of their ids, like those of all transactions that lock several torrents.
 */
@ApplicationScoped
public class Counters {
    private static final Logger LOG = Logger.getLogger(Counters.class);
    private static final String UPDATE = """
            update torrent t
               set stored = decode(s.stored, 'base64'), down = s.down, up = s.up, wasted = s.wasted, seeding_seconds = s.seeding,
                   counted_gen = s.gen, counted_epoch = s.epoch, counted_check = s.store_check
              from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)
                   as s(id, gen, stored, down, up, wasted, seeding, epoch, store_check),
                   (select id from torrent where id = any(?) order by id for update) as locked
             where t.id = s.id and locked.id = s.id and t.gen = s.gen
               and (s.gen, s.epoch, s.store_check, s.down + s.up + s.wasted + s.seeding,
                    bit_count(decode(s.stored, 'base64')))
                   > (t.counted_gen, t.counted_epoch, t.counted_check, t.down + t.up + t.wasted + t.seeding_seconds,
                    bit_count(t.stored))
            """;

    private final AgroalDataSource database;
    private final StatusBoard board;
    private final Duties duties;
    private final SortFigures figures;
    private final Set<SliceKey.OfTorrent> changed = ConcurrentHashMap.newKeySet();

    Counters(AgroalDataSource database, StatusBoard board, Duties duties, SortFigures figures) {
        this.figures = figures;
        this.database = database;
        this.board = board;
        this.duties = duties;
    }

    void markDirty(SliceKey key) {
        if (key instanceof SliceKey.OfTorrent torrent) {
            changed.add(torrent);
        }
    }

    void end(@Observes ShutdownEvent event) {
        write();
    }

    /** Writes what has changed since the last time. */
    @Scheduled(
            every = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    public void write() {
        List<SliceKey.OfTorrent> keys = List.copyOf(changed);
        if (keys.isEmpty()) {
            return;
        }
        keys.forEach(changed::remove);
        try {
            boolean written = QuarkusTransaction.requiringNew().call(() -> duties.take(Duty.COUNTERS) && write(keys));
            if (written) {
                figures.write(keys.stream().map(SliceKey.OfTorrent::torrent).toList());
            } else {
                changed.addAll(keys);
            }
        } catch (RuntimeException e) { // most likely the database is away: these counters wait for the next minute
            LOG.warnf("counters wait to be written: %s", e);
            changed.addAll(keys);
        }
    }

    private record Row(SliceKey.OfTorrent key, StatusRecord status) {}

    /** Inside a transaction: writes the counters of these torrents. */
    boolean write(List<SliceKey.OfTorrent> keys) throws SQLException {
        List<Row> rows = new ArrayList<>();
        for (SliceKey.OfTorrent key : keys) {
            board.of(key).ifPresent(status -> rows.add(new Row(key, status)));
        }
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(UPDATE)) {
            set(update, 1, "text", rows, row -> row.key.torrent().value());
            set(update, 2, "bigint", rows, row -> row.status.gen().value());
            // As base64: the driver has no arrays of bytes in arrays.
            set(update, 3, "text", rows, row -> row.status.stored().text());
            set(update, 4, "bigint", rows, row -> row.status.totals().down());
            set(update, 5, "bigint", rows, row -> row.status.totals().up());
            set(update, 6, "bigint", rows, row -> row.status.totals().wasted());
            set(update, 7, "bigint", rows, row -> row.status.totals().seedingSeconds());
            set(update, 8, "bigint", rows, row -> row.status.epoch());
            set(update, 9, "int", rows, row -> row.status.check());
            set(update, 10, "text", rows, row -> row.key.torrent().value());
            update.executeUpdate();
        }
        return true;
    }

    private static void set(
            PreparedStatement statement, int parameter, String type, List<Row> rows, Function<Row, Object> column)
            throws SQLException {
        Object[] values = rows.stream().map(column).toArray();
        statement.setArray(parameter, statement.getConnection().createArrayOf(type, values));
    }
}
