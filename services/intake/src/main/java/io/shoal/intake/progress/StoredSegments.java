package io.shoal.intake.progress;

import io.agroal.api.AgroalDataSource;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes which segments are stored, of many torrents in one statement. Only for reports that have more segments than the row, within
 * its check: the first of an owner, and those after a check, are merged while the row is locked, with the state of its transfers. Rows
 * that change are locked in the order of their ids, like those of all transactions that lock several torrents; no other row is locked.
 */
@ApplicationScoped
class StoredSegments {
    /** Torrents of one statement. */
    static final int BATCH = 1_000;

    private static final String UPDATE = """
            with s as (
                select id, gen, store_check, decode(stored, 'base64') as stored
                  from unnest(?, ?, ?, ?) as s(id, gen, store_check, stored)),
            more as (
                select t.id from torrent t join s on s.id = t.id
                 where t.gen = s.gen and t.stored_check = s.store_check and bit_count(s.stored) > bit_count(t.stored)
                 order by t.id for no key update of t)
            update torrent t set stored = s.stored from s join more on more.id = s.id
             where t.id = s.id
               and t.gen = s.gen and t.stored_check = s.store_check and bit_count(s.stored) > bit_count(t.stored)
            """;

    private final AgroalDataSource database;

    StoredSegments(AgroalDataSource database) {
        this.database = database;
    }

    /** A torrent and what its owner reports. */
    record Row(TorrentId torrent, StatusRecord status) {}

    /** Inside a transaction. */
    void write(List<Row> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(UPDATE)) {
            ArrayParameter.set(update, 1, "text", rows, row -> row.torrent.value());
            ArrayParameter.set(
                    update, 2, "bigint", rows, row -> row.status.gen().value());
            ArrayParameter.set(update, 3, "int", rows, row -> row.status.check());
            // As base64: the driver has no arrays of bytes in arrays.
            ArrayParameter.set(
                    update, 4, "text", rows, row -> row.status.stored().text());
            update.executeUpdate();
        }
    }
}
