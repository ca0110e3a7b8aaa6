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
import java.util.UUID;

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
               set progress = coalesce(s.progress, f.progress), ratio = s.ratio, moved = s.moved,
                   active_at = case when s.moved > f.moved then date_trunc('minute', now()) else f.active_at end
              from (select t.id, given.down + given.up as moved,
                           case when t.state in ('SEEDING', 'DONE') then sign(t.wanted_bytes) else part.progress end as progress,
                           case when t.wanted_bytes = 0 then 0 else given.up / cast(t.wanted_bytes as float8) end as ratio
                      from transfer t join torrent on torrent.id = t.torrent_id
                      left join torrent_counters c on c.torrent_id = torrent.id and c.gen = torrent.gen
                      left join unnest(?, ?) as part(id, progress) on part.id = t.id
                     cross join lateral (select coalesce(c.down, 0) as down, coalesce(c.up, 0)
                                                - case when c.up >= t.joined_up then t.joined_up else 0 end as up) as given
                     where t.torrent_id = any(?)) as s,
                   (select transfer_id from transfer_figures
                     where transfer_id in (select id from transfer where torrent_id = any(?))
                     order by transfer_id for no key update) as locked
             where f.transfer_id = s.id and locked.transfer_id = s.id
               and (f.progress, f.ratio, f.moved) is distinct from (coalesce(s.progress, f.progress), s.ratio, s.moved)
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

    /** The part of the wanted bytes that is verified, of a transfer that does not seed. */
    private record Part(UUID transfer, double progress) {}

    /** Writes the figures of the transfers of these torrents, in transactions of their own. */
    public void write(Collection<TorrentId> ids) {
        List<TorrentId> all = List.copyOf(ids);
        for (int from = 0; from < all.size(); from += BATCH) {
            List<TorrentId> some = all.subList(from, Math.min(all.size(), from + BATCH));
            QuarkusTransaction.requiringNew().call(() -> writeSome(some));
        }
    }

    private int writeSome(List<TorrentId> ids) throws SQLException {
        List<Part> parts = unfinished(ids);
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(UPDATE)) {
            ArrayParameter.set(update, 1, "uuid", parts, Part::transfer);
            ArrayParameter.set(update, 2, "float8", parts, Part::progress);
            ArrayParameter.set(update, 3, "text", ids, TorrentId::value);
            ArrayParameter.set(update, 4, "text", ids, TorrentId::value);
            return update.executeUpdate();
        }
    }

    /** The progress of those that need their rows and the board for it; all else follows from the counters. */
    private List<Part> unfinished(List<TorrentId> ids) {
        List<Transfer> all = transfers.unfinishedOf(ids);
        Map<TorrentId, Torrent> known = torrents.allOf(
                all.stream().flatMap(transfer -> transfer.torrent().stream()).toList());
        progress.prepare(known.keySet());
        List<Part> parts = new ArrayList<>();
        for (Transfer transfer : all) {
            transfer.torrent()
                    .map(known::get)
                    .map(torrent -> progress.of(transfer, torrent))
                    .ifPresent(found -> parts.add(new Part(transfer.id(), part(found))));
        }
        return parts;
    }

    private static double part(Progress progress) {
        return progress.wanted() == 0 ? 0 : (double) progress.verified() / progress.wanted();
    }
}
