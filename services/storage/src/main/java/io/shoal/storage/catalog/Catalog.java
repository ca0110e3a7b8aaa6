package io.shoal.storage.catalog;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.database.SqlArray;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which segments and files exist, in the database. {@link CatalogWriter} writes what other services report; this class writes what
 * this service does with them itself.
 *
 * <p>The catalog may be wrong: an object may have been lost. It never lists what no service has reported.
 */
@ApplicationScoped
public class Catalog {
    private final Jdbi database;

    public Catalog(Jdbi database) {
        this.database = database;
    }

    /** Returns the state of this generation. */
    public GenerationState life(TorrentId torrent, Generation generation) {
        return database.withHandle(
                handle -> handle.createQuery("select generation, removed, info_key from torrent where id = :torrent")
                        .bind("torrent", torrent.value())
                        .map((row, context) -> life(row, generation))
                        .findOne()
                        .orElseGet(GenerationState.Unknown::new));
    }

    /** Returns the state of each of these generations, in one query. */
    public Map<TorrentGeneration, GenerationState> states(Collection<TorrentGeneration> generations) {
        Map<TorrentGeneration, GenerationState> states = new LinkedHashMap<>();
        generations.forEach(each -> states.put(each, new GenerationState.Unknown()));
        database.useHandle(handle -> handle.createQuery("""
                        select g.id, g.asked, t.generation, t.removed, t.info_key
                        from unnest(:ids, :generations) as g(id, asked) join torrent t on t.id = g.id""")
                .bind(
                        "ids",
                        SqlArray.text(states.keySet(), each -> each.torrent().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(
                                states.keySet(), each -> each.generation().value()))
                .map((row, context) -> {
                    Generation asked = new Generation(row.getLong("asked"));
                    return Map.entry(
                            new TorrentGeneration(new TorrentId(row.getString("id")), asked), life(row, asked));
                })
                .forEach(each -> states.put(each.getKey(), each.getValue())));
        return states;
    }

    /**
     * What a link to a file needs to know.
     *
     * @param assembled whether the file is one object
     * @param stored as {@link #stored}
     */
    public record FileState(GenerationState state, boolean assembled, BitSet stored) {}

    /** Returns {@link #life}, {@link #isAssembled} and {@link #stored} of one moment, in one query. */
    public FileState file(TorrentId torrent, Generation generation, FileIndex file) {
        record Row(GenerationState state, boolean assembled, BitSet stored) {}
        List<Row> slices = database.withHandle(handle -> handle.createQuery("""
                        select t.generation, t.removed, t.info_key, s.segments, s.lost,
                            exists (select from assembled a
                                where a.torrent = t.id and a.generation = :generation and a.file = :file) as assembled
                        from torrent t left join stored s on s.torrent = t.id and s.generation = :generation
                        where t.id = :torrent""")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("file", file.value())
                .map((row, context) -> new Row(
                        life(row, generation),
                        row.getBoolean("assembled"),
                        row.getBytes("segments") == null ? new BitSet() : existing(row)))
                .list());
        BitSet stored = new BitSet();
        slices.forEach(slice -> stored.or(slice.stored));
        return slices.isEmpty()
                ? new FileState(new GenerationState.Unknown(), false, stored)
                : new FileState(slices.getFirst().state, slices.getFirst().assembled, stored);
    }

    /** Returns whether {@link #life} is {@link GenerationState.Live}. */
    public boolean isLive(TorrentId torrent, Generation generation) {
        return life(torrent, generation) instanceof GenerationState.Live;
    }

    /**
     * Returns the segments that were stored, except those that were found missing since. Segments of assembled files stay listed.
     */
    public BitSet stored(TorrentId torrent, Generation generation) {
        return database.withHandle(handle -> stored(handle, torrent, generation, ""));
    }

    /** As {@link #stored}, with the rows locked until the caller's transaction ends. */
    public BitSet lockStored(Handle transaction, TorrentId torrent, Generation generation) {
        return stored(transaction, torrent, generation, " order by slice for update");
    }

    private static BitSet stored(Handle handle, TorrentId torrent, Generation generation, String suffix) {
        BitSet all = new BitSet();
        handle.createQuery("select segments, lost from stored where torrent = :torrent and generation = :generation"
                        + suffix)
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .map((row, context) -> existing(row))
                .forEach(all::or);
        return all;
    }

    private static BitSet existing(ResultSet row) throws SQLException {
        BitSet segments = BitSet.valueOf(row.getBytes("segments"));
        segments.andNot(BitSet.valueOf(row.getBytes("lost")));
        return segments;
    }

    /** Returns the numbers of the files that are one object. */
    public BitSet assembled(TorrentId torrent, Generation generation) {
        BitSet files = new BitSet();
        database.useHandle(handle -> handle.createQuery(
                        "select file from assembled where torrent = :torrent and generation = :generation")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .mapTo(Integer.class)
                .forEach(files::set));
        return files;
    }

    /** Returns whether {@code file} is one object. */
    public boolean isAssembled(TorrentId torrent, Generation generation, FileIndex file) {
        return database.withHandle(handle -> handle.createQuery("""
                        select exists (select from assembled
                        where torrent = :torrent and generation = :generation and file = :file)""")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("file", file.value())
                .mapTo(Boolean.class)
                .one());
    }

    /** Records, in the caller's transaction, where the large files of the torrent lie. */
    public void largeFiles(Handle transaction, TorrentId torrent, Generation generation, LargeFiles largeFiles) {
        transaction
                .createUpdate("""
                        update torrent set large_files = :files
                        where id = :torrent and generation = :generation and large_files is distinct from :files""")
                .bind("files", largeFiles.bytes())
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .execute();
    }

    /** Records, in the caller's transaction, that {@code file} is one object of {@code size} bytes. */
    public void assembled(Handle transaction, TorrentId torrent, Generation generation, FileIndex file, long size) {
        transaction
                .createUpdate("""
                        insert into assembled (torrent, generation, file, size)
                        values (:torrent, :generation, :file, :size)
                        on conflict (torrent, generation, file) do update set size = excluded.size""")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("file", file.value())
                .bind("size", size)
                .execute();
    }

    /** Records, in the caller's transaction, that the object of {@code file} does not exist any more. */
    public void notAssembled(Handle transaction, TorrentId torrent, Generation generation, FileIndex file) {
        transaction.execute(
                "delete from assembled where torrent = ? and generation = ? and file = ?",
                torrent.value(),
                generation.value(),
                file.value());
    }

    /**
     * Records, in the caller's transaction, that these segments do not exist, whatever the owners of the slices have reported so
     * far. Only reports made after the owner has listed the store again count.
     */
    public void lost(Handle transaction, TorrentId torrent, Generation generation, BitSet segments) {
        record Row(int slice, BitSet lost) {}
        transaction
                .createQuery("""
                        select slice, lost from stored
                        where torrent = :torrent and generation = :generation order by slice for update""")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .map((row, context) -> new Row(row.getInt("slice"), BitSet.valueOf(row.getBytes("lost"))))
                .list()
                .forEach(row -> {
                    row.lost().or(segments);
                    transaction.execute(
                            "update stored set lost = ? where torrent = ? and generation = ? and slice = ?",
                            row.lost().toByteArray(),
                            torrent.value(),
                            generation.value(),
                            row.slice());
                });
    }

    /** Records, in the caller's transaction, that the store has no object of this generation or of those before it. */
    public void purged(Handle transaction, TorrentId torrent, Generation generation) {
        transaction.execute(
                "delete from stored where torrent = ? and generation <= ?", torrent.value(), generation.value());
        transaction.execute(
                "delete from assembled where torrent = ? and generation <= ?", torrent.value(), generation.value());
    }

    /** Deletes torrents that ended longer ago than {@code age}: no link to them can still be valid. */
    public void forgetEnded(Duration age) {
        database.useHandle(
                handle -> handle.createUpdate("""
                        delete from torrent where id in (select id from torrent
                            where removed and ended_at < now() - :age * interval '1 second'
                            order by id for update skip locked)""").bind("age", age.toSeconds()).execute());
    }

    private static GenerationState life(ResultSet row, Generation generation) throws SQLException {
        long current = row.getLong("generation");
        if (generation.value() > current) {
            return new GenerationState.Unknown();
        }
        return generation.value() < current || row.getBoolean("removed")
                ? new GenerationState.Dead()
                : new GenerationState.Live(row.getString("info_key"));
    }
}
