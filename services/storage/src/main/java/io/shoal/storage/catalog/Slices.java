package io.shoal.storage.catalog;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.database.SqlArray;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.NewJob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The reports about slices in one batch, of which only those count that differ from the catalog. A withdrawal ends what the batch has
 * reported of the slice before, and has the stored epoch begin again, in every generation.
 */
final class Slices {
    private record Slice(TorrentGeneration life, int number) {
        private SliceOfTorrent anyLife() {
            return new SliceOfTorrent(life.torrent(), number);
        }
    }

    /** A slice in whatever generation. */
    private record SliceOfTorrent(TorrentId torrent, int number) {}

    /** The stored columns of a slice. {@code lost} are the segments found missing since the owner listed the store. */
    private record Row(long epoch, int checked, BitSet segments, BitSet lost) {
        private BitSet existing() {
            BitSet existing = (BitSet) segments.clone();
            existing.andNot(lost);
            return existing;
        }

        private Row withoutEpoch() {
            return new Row(0, checked, segments, lost);
        }
    }

    private final Handle transaction;
    private final Map<Slice, Change.Observed> reports;

    /** The rows of the slices that are withdrawn, as far as they have an epoch. */
    private final List<Slice> withdrawn;

    /**
     * Reads, without locks, which of these differ from the catalog.
     *
     * @param changes {@link Change.Observed} and {@link Change.Withdrawn}, in their order
     */
    Slices(Handle transaction, List<Change> changes) {
        this.transaction = transaction;
        Map<SliceOfTorrent, Map<Slice, Change.Observed>> last = new LinkedHashMap<>();
        Set<SliceOfTorrent> gone = new LinkedHashSet<>();
        for (Change change : changes) {
            switch (change) {
                case Change.Observed report -> {
                    Slice slice = slice(report);
                    last.computeIfAbsent(slice.anyLife(), key -> new LinkedHashMap<>())
                            .merge(slice, report, Slices::followed);
                }
                case Change.Withdrawn(TorrentId torrent, int number) -> {
                    SliceOfTorrent slice = new SliceOfTorrent(torrent, number);
                    last.remove(slice);
                    gone.add(slice);
                }
                case Change.Desired desired -> throw new IllegalArgumentException("a wish is about torrents");
                case Change.Ended ended -> throw new IllegalArgumentException("an end is about torrents");
            }
        }
        Map<Slice, Change.Observed> compared = new LinkedHashMap<>();
        Map<Slice, Change.Observed> begunAgain = new LinkedHashMap<>();
        last.forEach((slice, each) -> (gone.contains(slice) ? begunAgain : compared).putAll(each));
        this.reports = differing(compared);
        this.reports.putAll(begunAgain);
        this.withdrawn = withEpoch(gone);
    }

    private static Slice slice(Change.Observed report) {
        return new Slice(new TorrentGeneration(report.torrent(), report.generation()), report.slice());
    }

    /** Returns what {@code second} leaves after {@code first}. */
    private static Change.Observed followed(Change.Observed first, Change.Observed second) {
        return second.epoch() < first.epoch()
                ? first
                : new Change.Observed(
                        second.torrent(),
                        second.slice(),
                        second.generation(),
                        second.epoch(),
                        Math.max(first.check(), second.check()),
                        second.stored());
    }

    private List<Slice> withEpoch(Set<SliceOfTorrent> slices) {
        if (slices.isEmpty()) {
            return List.of();
        }
        return transaction
                .createQuery("""
                        select s.torrent, s.generation, s.slice from stored s
                        join unnest(:torrents, :slices) as w(torrent, slice) on s.torrent = w.torrent and s.slice = w.slice
                        where s.epoch > 0""")
                .bind("torrents", SqlArray.text(slices, each -> each.torrent.value()))
                .bind("slices", SqlArray.integer(slices, SliceOfTorrent::number))
                .map((row, context) -> slice(row))
                .list();
    }

    private Map<Slice, Change.Observed> differing(Map<Slice, Change.Observed> all) {
        if (all.isEmpty()) {
            return all;
        }
        List<Change.Observed> given = List.copyOf(all.values());
        Map<Slice, Change.Observed> differing = new LinkedHashMap<>();
        transaction
                .createQuery("""
                        select r.number from unnest(:torrents, :generations, :slices, :epochs, :checks, :segments)
                            with ordinality as r(torrent, generation, slice, epoch, checked, segments, number)
                        left join stored s
                            on s.torrent = r.torrent and s.generation = r.generation and s.slice = r.slice
                        where s.torrent is null or (r.epoch >= s.epoch
                            and (r.epoch > s.epoch or r.checked > s.checked
                                or decode(r.segments, 'base64') <> s.segments))""")
                .bind("torrents", SqlArray.text(given, each -> each.torrent().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(given, each -> each.generation().value()))
                .bind("slices", SqlArray.integer(given, Change.Observed::slice))
                .bind("epochs", SqlArray.bigint(given, Change.Observed::epoch))
                .bind("checks", SqlArray.integer(given, Change.Observed::check))
                .bind("segments", SqlArray.text(given, each -> each.stored().text()))
                .mapTo(Integer.class)
                .forEach(number -> {
                    Change.Observed report = given.get(number - 1);
                    differing.put(slice(report), report);
                });
        return differing;
    }

    /** Returns the torrents whose slices differ. */
    Set<TorrentId> torrents() {
        return reports.values().stream().map(Change.Observed::torrent).collect(Collectors.toSet());
    }

    /** Returns the torrents that are not known, or not yet in the reported generation. */
    Set<TorrentId> aheadOf(Torrents torrents) {
        return reports.values().stream()
                .filter(report -> {
                    Torrents.Row torrent = torrents.get(report.torrent());
                    return torrent == null || torrent.generation().compareTo(report.generation()) < 0;
                })
                .map(Change.Observed::torrent)
                .collect(Collectors.toSet());
    }

    /** Writes what is new of generations that are not dead; returns the plans that follow from it. */
    List<NewJob> write(Torrents torrents) {
        Map<TorrentGeneration, List<Change.Observed>> living = new LinkedHashMap<>();
        for (Map.Entry<Slice, Change.Observed> each : reports.entrySet()) {
            Torrents.Row torrent = torrents.get(each.getValue().torrent());
            if (torrent == null || !torrent.isDead(each.getValue().generation())) {
                living.computeIfAbsent(each.getKey().life(), life -> new ArrayList<>())
                        .add(each.getValue());
            }
        }
        Set<TorrentGeneration> lives = new LinkedHashSet<>(living.keySet());
        withdrawn.forEach(slice -> lives.add(slice.life));
        if (lives.isEmpty()) {
            return List.of();
        }
        Map<TorrentGeneration, Map<Integer, Row>> rows = lock(lives);
        Map<Slice, Row> changed = new LinkedHashMap<>();
        for (Slice slice : withdrawn) {
            Map<Integer, Row> slices = rows.get(slice.life);
            Row row = slices == null ? null : slices.get(slice.number);
            if (slices != null && row != null) { // not purged meanwhile
                slices.put(slice.number, row.withoutEpoch());
                changed.put(slice, row.withoutEpoch());
            }
        }
        List<NewJob> plans = new ArrayList<>();
        living.forEach((life, changes) -> {
            Map<Integer, Row> slices = rows.computeIfAbsent(life, key -> new TreeMap<>());
            BitSet before = existing(slices.values());
            for (Change.Observed report : changes) {
                Row old = slices.get(report.slice());
                if (old == null || report.epoch() >= old.epoch) {
                    Row row = apply(old == null ? new Row(0, 0, new BitSet(), new BitSet()) : old, report);
                    slices.put(report.slice(), row);
                    changed.put(slice(report), row);
                }
            }
            if (isPlanDue(torrents.get(life.torrent()), life.generation(), before, existing(slices.values()))) {
                plans.add(new NewJob(JobKind.PLAN, life.torrent(), life.generation()));
            }
        });
        write(changed);
        return plans;
    }

    private static Row apply(Row before, Change.Observed report) {
        return new Row(
                report.epoch(),
                Math.max(before.checked, report.check()),
                report.stored().toBitSet(),
                report.check() > before.checked ? new BitSet() : before.lost);
    }

    /**
     * Whether a large file may be complete that was not. A torrent that is not known is planned when it is; until its info
     * dictionary was read once, each new segment may complete a file.
     */
    private static boolean isPlanDue(
            Torrents.@Nullable Row torrent, Generation generation, BitSet before, BitSet after) {
        if (torrent == null || !torrent.generation().equals(generation)) {
            return false;
        }
        LargeFiles largeFiles = torrent.largeFiles();
        if (largeFiles != null) {
            return largeFiles.isOneCompleted(before, after);
        }
        BitSet added = (BitSet) after.clone();
        added.andNot(before);
        return !added.isEmpty();
    }

    private static BitSet existing(Collection<Row> slices) {
        BitSet all = new BitSet();
        slices.forEach(slice -> all.or(slice.existing()));
        return all;
    }

    private static Slice slice(ResultSet row) throws SQLException {
        return new Slice(
                new TorrentGeneration(
                        new TorrentId(row.getString("torrent")), new Generation(row.getLong("generation"))),
                row.getInt("slice"));
    }

    /** Reads and locks all slices of these generations. */
    private Map<TorrentGeneration, Map<Integer, Row>> lock(Set<TorrentGeneration> lives) {
        record Found(Slice slice, Row row) {}
        Map<TorrentGeneration, Map<Integer, Row>> rows = new HashMap<>();
        transaction
                .createQuery("""
                        select s.torrent, s.generation, s.slice, s.epoch, s.checked, s.segments, s.lost
                        from stored s join unnest(:torrents, :generations) as l(torrent, generation)
                        on s.torrent = l.torrent and s.generation = l.generation
                        order by s.torrent, s.generation, s.slice for update of s""")
                .bind("torrents", SqlArray.text(lives, life -> life.torrent().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(lives, life -> life.generation().value()))
                .map((row, context) -> new Found(
                        slice(row),
                        new Row(
                                row.getLong("epoch"),
                                row.getInt("checked"),
                                BitSet.valueOf(row.getBytes("segments")),
                                BitSet.valueOf(row.getBytes("lost")))))
                .forEach(found -> rows.computeIfAbsent(found.slice.life, key -> new TreeMap<>())
                        .put(found.slice.number, found.row));
        return rows;
    }

    private void write(Map<Slice, Row> changed) {
        List<Map.Entry<Slice, Row>> rows = List.copyOf(changed.entrySet());
        transaction
                .createUpdate("""
                        insert into stored (torrent, generation, slice, epoch, checked, segments, lost)
                        select torrent, generation, slice, epoch, checked, decode(segments, 'base64'), decode(lost, 'base64')
                        from unnest(:torrents, :generations, :slices, :epochs, :checked, :segments, :lost)
                            as s(torrent, generation, slice, epoch, checked, segments, lost)
                        order by torrent, generation, slice
                        on conflict (torrent, generation, slice) do update set epoch = excluded.epoch,
                            checked = excluded.checked, segments = excluded.segments, lost = excluded.lost""")
                .bind(
                        "torrents",
                        SqlArray.text(rows, each -> each.getKey().life.torrent().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(
                                rows, each -> each.getKey().life.generation().value()))
                .bind("slices", SqlArray.integer(rows, each -> each.getKey().number))
                .bind("epochs", SqlArray.bigint(rows, each -> each.getValue().epoch))
                .bind("checked", SqlArray.integer(rows, each -> each.getValue().checked))
                .bind("segments", SqlArray.text(rows, each -> base64(each.getValue().segments)))
                .bind("lost", SqlArray.text(rows, each -> base64(each.getValue().lost)))
                .execute();
    }

    private static String base64(BitSet bits) {
        return Base64.getEncoder().encodeToString(bits.toByteArray());
    }
}
