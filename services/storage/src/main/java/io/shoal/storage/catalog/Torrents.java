package io.shoal.storage.catalog;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.database.SqlArray;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.NewJob;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of the torrents of one batch, locked: what intake wants of them is applied in memory and written in one statement. */
final class Torrents {
    /**
     * A row.
     *
     * @param ended whether intake has deleted the torrent
     * @param largeFiles null until the torrent's info dictionary was read
     */
    record Row(
            Generation generation,
            long rev,
            boolean removed,
            String infoKey,
            boolean ended,
            @Nullable LargeFiles largeFiles) {

        boolean isDead(Generation other) {
            int order = other.compareTo(generation);
            return order < 0 || (order == 0 && removed);
        }

        private Row asEnded() {
            return new Row(generation, rev, removed, infoKey, true, largeFiles);
        }
    }

    private final Handle transaction;
    private final Map<TorrentId, Row> rows = new HashMap<>();
    private final Set<TorrentId> changed = new LinkedHashSet<>();
    private final Set<TorrentId> news = new LinkedHashSet<>();
    private final Set<NewJob> purges = new LinkedHashSet<>();

    /** Reads and locks those of {@code ids} that exist. */
    Torrents(Handle transaction, Set<TorrentId> ids) {
        this.transaction = transaction;
        read(ids, " order by id for update");
    }

    /**
     * Reads those of {@code ids} that exist now. Those that this batch has changed stay as they are. The caller holds the lock that a
     * new generation needs, and must not wait for rows: a transaction that has locked them may wait for that lock.
     */
    void reload(Collection<TorrentId> ids) {
        read(ids.stream().filter(id -> !changed.contains(id)).toList(), "");
    }

    private void read(Collection<TorrentId> ids, String lock) {
        if (ids.isEmpty()) {
            return;
        }
        record Found(TorrentId id, Row row) {}
        transaction
                .createQuery("""
                        select id, generation, rev, removed, info_key, ended_at is not null as ended, large_files
                        from torrent where id = any(:ids)""" + lock)
                .bind("ids", SqlArray.text(ids, TorrentId::value))
                .map((row, context) -> {
                    byte @Nullable [] largeFiles = row.getBytes("large_files");
                    return new Found(
                            new TorrentId(row.getString("id")),
                            new Row(
                                    new Generation(row.getLong("generation")),
                                    row.getLong("rev"),
                                    row.getBoolean("removed"),
                                    row.getString("info_key"),
                                    row.getBoolean("ended"),
                                    largeFiles == null ? null : LargeFiles.parse(largeFiles)));
                })
                .forEach(found -> rows.put(found.id, found.row));
    }

    /** Returns the torrent, with what this batch wants of it; null if it is not known. */
    @Nullable
    Row get(TorrentId torrent) {
        return rows.get(torrent);
    }

    /** Returns whether a generation is new to the catalog. */
    boolean hasNews() {
        return !news.isEmpty();
    }

    /** Applies a {@link Change.Desired} or a {@link Change.Ended}. */
    void apply(Change change) {
        switch (change) {
            case Change.Desired desired -> apply(desired);
            case Change.Ended(TorrentId torrent) -> {
                Row row = rows.get(torrent);
                if (row != null && row.removed && !row.ended) {
                    put(torrent, row.asEnded());
                }
            }
            case Change.Observed observed -> throw new IllegalArgumentException("a report is about slices");
            case Change.Withdrawn withdrawn -> throw new IllegalArgumentException("a report is about slices");
        }
    }

    private void apply(Change.Desired desired) {
        TorrentId torrent = desired.torrent();
        Generation generation = desired.generation();
        Row before = rows.get(torrent);
        if (before != null && (desired.rev() < before.rev || generation.compareTo(before.generation) < 0)) {
            return;
        }
        boolean isNews = before == null || !before.generation.equals(generation);
        Row after = new Row(
                generation,
                desired.rev(),
                desired.removed(),
                desired.infoKey(),
                false,
                before == null || isNews ? null : before.largeFiles);
        if (!after.equals(before)) {
            put(torrent, after);
        }
        if (before != null && isNews) {
            purges.add(new NewJob(JobKind.PURGE, torrent, new Generation(generation.value() - 1)));
        }
        if (desired.removed()) {
            purges.add(new NewJob(JobKind.PURGE, torrent, generation));
        } else if (isNews) {
            news.add(torrent);
        }
    }

    private void put(TorrentId torrent, Row row) {
        rows.put(torrent, row);
        changed.add(torrent);
    }

    /** Writes what has changed; returns the jobs that follow from it. */
    List<NewJob> write() {
        List<NewJob> due = new ArrayList<>(purges);
        if (changed.isEmpty()) {
            return due;
        }
        List<Map.Entry<TorrentId, Row>> written =
                changed.stream().map(id -> Map.entry(id, rows.get(id))).toList();
        transaction
                .createUpdate("""
                        insert into torrent (id, generation, rev, removed, info_key, ended_at)
                        select id, generation, rev, removed, info_key, case when ended then now() end
                        from unnest(:ids, :generations, :revs, :removed, :infoKeys, :ended)
                            as t(id, generation, rev, removed, info_key, ended)
                        order by id
                        on conflict (id) do update set generation = excluded.generation, rev = excluded.rev,
                            removed = excluded.removed, info_key = excluded.info_key, ended_at = excluded.ended_at,
                            large_files = case when torrent.generation = excluded.generation then torrent.large_files end""")
                .bind("ids", SqlArray.text(written, each -> each.getKey().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(
                                written, each -> each.getValue().generation.value()))
                .bind("revs", SqlArray.bigint(written, each -> each.getValue().rev))
                .bind("removed", SqlArray.bool(written, each -> each.getValue().removed))
                .bind("infoKeys", SqlArray.text(written, each -> each.getValue().infoKey))
                .bind("ended", SqlArray.bool(written, each -> each.getValue().ended))
                .execute();
        due.addAll(storedBefore());
        return due;
    }

    /** Returns a plan for each new generation of which segments were reported before it was known. */
    private List<NewJob> storedBefore() {
        List<NewJob> plans = new ArrayList<>();
        if (!news.isEmpty()) {
            transaction
                    .createQuery("""
                            select distinct s.torrent, s.generation from stored s join torrent t
                            on t.id = s.torrent and t.generation = s.generation
                            where t.id = any(:ids) and length(s.segments) > 0""")
                    .bind("ids", SqlArray.text(news, TorrentId::value))
                    .map((row, context) -> new NewJob(
                            JobKind.PLAN,
                            new TorrentId(row.getString("torrent")),
                            new Generation(row.getLong("generation"))))
                    .forEach(plans::add);
        }
        return plans;
    }
}
