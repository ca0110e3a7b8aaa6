package io.shoal.intake.progress;

import io.agroal.api.AgroalDataSource;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.topics.SliceKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What workers have seen of the trackers and web seeds of each slice, in the database: one row a slice, written with those of many others, and only if
 * it has changed. Trackers are named by hashes of their URLs, so a row has no secret, and who reads it learns only of trackers whose URLs they
 * know. A row of a former generation is void. One of a former owner is replaced, also after a life in which the fleet counts epochs anew, because
 * the revision has risen then.
 */
@ApplicationScoped
public class TrackerStates {
    private static final String OF_TORRENTS = """
            insert into torrent_trackers as t (torrent_id, gen, rev, epoch, states)
            select s.id, s.gen, s.rev, s.epoch, s.states from unnest(?, ?, ?, ?, ?) as s(id, gen, rev, epoch, states)
              join torrent o on o.id = s.id and o.gen = s.gen
             order by s.id
            on conflict (torrent_id) do update
               set gen = excluded.gen, rev = excluded.rev, epoch = excluded.epoch, states = excluded.states
             where (t.gen, t.rev, t.epoch) <= (excluded.gen, excluded.rev, excluded.epoch)
               and (t.gen, t.states) is distinct from (excluded.gen, excluded.states)
            """;

    private static final String OF_SEARCHES = """
            insert into search_trackers as t (transfer_id, gen, rev, epoch, states)
            select s.id, s.gen, s.rev, s.epoch, s.states from unnest(?, ?, ?, ?, ?) as s(id, gen, rev, epoch, states)
              join transfer o on o.id = s.id and o.torrent_id is null
             order by s.id
            on conflict (transfer_id) do update
               set gen = excluded.gen, rev = excluded.rev, epoch = excluded.epoch, states = excluded.states
             where (t.gen, t.rev, t.epoch) <= (excluded.gen, excluded.rev, excluded.epoch)
               and (t.gen, t.states) is distinct from (excluded.gen, excluded.states)
            """;

    private final AgroalDataSource database;

    TrackerStates(AgroalDataSource database) {
        this.database = database;
    }

    /** Inside a transaction: writes what these statuses say of trackers. One that names none changes nothing. */
    void write(Map<SliceKey, StatusRecord> statuses) throws SQLException {
        write(statuses, OF_TORRENTS, "text", SliceKey.OfTorrent.class::isInstance);
        write(statuses, OF_SEARCHES, "uuid", SliceKey.OfResolve.class::isInstance);
    }

    private void write(Map<SliceKey, StatusRecord> statuses, String insert, String idType, Predicate<SliceKey> kind)
            throws SQLException {
        List<Map.Entry<SliceKey, StatusRecord>> rows = statuses.entrySet().stream()
                .filter(each -> kind.test(each.getKey()))
                .filter(each -> !each.getValue().trackers().isEmpty())
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(insert)) {
            ArrayParameter.set(statement, 1, idType, rows, row -> id(row.getKey()));
            ArrayParameter.set(
                    statement, 2, "bigint", rows, row -> row.getValue().gen().value());
            ArrayParameter.set(
                    statement, 3, "bigint", rows, row -> row.getValue().rev());
            ArrayParameter.set(
                    statement, 4, "bigint", rows, row -> row.getValue().epoch());
            ArrayParameter.set(
                    statement, 5, "text", rows, row -> text(row.getValue().trackers()));
            statement.executeUpdate();
        }
    }

    /** Inside a transaction: returns what is known of the trackers of a torrent in this generation, by {@link Tracker#id}. */
    public Map<String, Tracker> of(TorrentId torrent, Generation generation) throws SQLException {
        return read("select states from torrent_trackers where torrent_id = ? and gen = ?", statement -> {
            statement.setString(1, torrent.value());
            statement.setLong(2, generation.value());
        });
    }

    /** Inside a transaction: returns what is known of the trackers of a search for metadata, by {@link Tracker#id}. */
    public Map<String, Tracker> of(UUID search) throws SQLException {
        return read(
                "select states from search_trackers where transfer_id = ?",
                statement -> statement.setObject(1, search));
    }

    /** Sets the parameters of a statement. */
    @FunctionalInterface
    private interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    private Map<String, Tracker> read(String select, Parameters parameters) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(select)) {
            parameters.set(statement);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? parsed(row.getString(1)) : Map.of();
            }
        }
    }

    private static Map<String, Tracker> parsed(String text) {
        try {
            return Arrays.stream(Json.read(text.getBytes(StandardCharsets.UTF_8), Tracker[].class))
                    .collect(Collectors.toMap(Tracker::id, Function.identity(), (first, same) -> first));
        } catch (BadRecordException e) {
            throw new IllegalStateException("the states of trackers are not what this service wrote", e);
        }
    }

    private static Object id(SliceKey key) {
        return switch (key) {
            case SliceKey.OfTorrent(var torrent, int slice) -> torrent.value();
            case SliceKey.OfResolve(var transfer) -> transfer;
        };
    }

    /** In the order of their ids: workers list them in no order that means anything. */
    private static String text(List<Tracker> trackers) {
        List<Tracker> ordered =
                trackers.stream().sorted(Comparator.comparing(Tracker::id)).toList();
        return new String(Json.write(ordered), StandardCharsets.UTF_8);
    }

    /** Returns a hash that differs, as good as always, where {@link #write} would write something else. */
    static long hash(List<Tracker> trackers) {
        long sum = 0;
        for (Tracker tracker : trackers) {
            long one = mix(Objects.hash(tracker.id(), tracker.started(), tracker.code()));
            one = mix(one ^ tracker.nextAnnounce());
            sum += mix(one
                    ^ Objects.hashCode(tracker.earliestAnnounce())
                    ^ (long) Objects.hashCode(tracker.figures()) << 32);
        }
        return sum;
    }

    /** A bijection in which each bit of {@code x} changes about half of the bits (SplitMix64). */
    private static long mix(long x) {
        long mixed = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
