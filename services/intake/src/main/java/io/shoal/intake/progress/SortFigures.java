package io.shoal.intake.progress;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes what lists of transfers are sorted by, and when a transfer was last active: a minute old at most, because they are written with the
 * counters. One statement writes the figures of many transfers, in the order of their ids; those that have not changed are left
 * alone.
 */
@ApplicationScoped
public class SortFigures {
    /** Torrents of one transaction. */
    private static final int BATCH = 500;

    private static final String UPDATE = """
            update transfer_figures f
               set progress = s.progress, ratio = s.ratio, moved = s.moved,
                   active_at = case when s.moved > f.moved then date_trunc('minute', now()) else f.active_at end
              from unnest(?, ?, ?, ?) as s(id, progress, ratio, moved),
                   (select transfer_id from transfer_figures where transfer_id = any(?)
                     order by transfer_id for no key update) as locked
             where f.transfer_id = s.id and locked.transfer_id = s.id
               and (f.progress, f.ratio, f.moved) is distinct from (s.progress, s.ratio, s.moved)
            """;

    private final AgroalDataSource database;
    private final Transfers transfers;
    private final Torrents torrents;
    private final ProgressReader progress;

    SortFigures(AgroalDataSource database, Transfers transfers, Torrents torrents, ProgressReader progress) {
        this.database = database;
        this.transfers = transfers;
        this.torrents = torrents;
        this.progress = progress;
    }

    private record Row(Transfer transfer, Progress progress) {
        double part() {
            return progress.wanted() == 0 ? 0 : (double) progress.verified() / progress.wanted();
        }

        double ratio() {
            return progress.wanted() == 0 ? 0 : (double) progress.up() / progress.wanted();
        }

        long moved() {
            return progress.down() + progress.up();
        }
    }

    /** Writes the figures of the transfers of these torrents, in transactions of their own. */
    public void write(Collection<TorrentId> ids) {
        List<TorrentId> all = List.copyOf(ids);
        for (int from = 0; from < all.size(); from += BATCH) {
            List<TorrentId> some = all.subList(from, Math.min(all.size(), from + BATCH));
            QuarkusTransaction.requiringNew().call(() -> writeSome(some));
        }
    }

    private int writeSome(List<TorrentId> ids) throws SQLException {
        Map<TorrentId, Torrent> known = torrents
                .list("id in ?1", ids.stream().map(TorrentId::value).toList())
                .stream()
                .collect(Collectors.toMap(Torrent::id, Function.identity()));
        progress.prepare(known.keySet());
        List<Row> rows = new ArrayList<>();
        for (Transfer transfer : transfers.allOf(known.keySet())) {
            transfer.torrent()
                    .map(known::get)
                    .ifPresent(torrent -> rows.add(new Row(transfer, progress.of(transfer, torrent))));
        }
        if (rows.isEmpty()) {
            return 0;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(UPDATE)) {
            set(update, 1, "uuid", rows, row -> row.transfer.id());
            set(update, 2, "float8", rows, Row::part);
            set(update, 3, "float8", rows, Row::ratio);
            set(update, 4, "bigint", rows, Row::moved);
            set(update, 5, "uuid", rows, row -> row.transfer.id());
            return update.executeUpdate();
        }
    }

    private static void set(
            PreparedStatement statement, int parameter, String type, List<Row> rows, Function<Row, Object> column)
            throws SQLException {
        Object[] values = rows.stream().map(column).toArray();
        statement.setArray(parameter, statement.getConnection().createArrayOf(type, values));
    }
}
