package io.shoal.storage.catalog;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which segments and files exist, in the database. {@link CatalogWriter} writes what others say of them; what this service does with
 * them itself is written here.
 *
 * <p>It is a belief, not a promise: an object may have been lost. It never says more than what somebody has once seen.
 */
@ApplicationScoped
public class Catalog {
    private final Jdbi database;

    Catalog(Jdbi database) {
        this.database = database;
    }

    /** Whether this generation lives. */
    public GenerationState life(TorrentId torrent, Generation generation) {
        return database.withHandle(
                handle -> handle.createQuery("select generation, removed, info_key from torrent where id = :torrent")
                        .bind("torrent", torrent.value())
                        .map((row, context) -> life(row, generation))
                        .findOne()
                        .orElseGet(GenerationState.Unknown::new));
    }

    /** As {@link #life}, for those who need no more. */
    public boolean isLive(TorrentId torrent, Generation generation) {
        return life(torrent, generation) instanceof GenerationState.Live;
    }

    /** The segments that were stored, those excepted that were found missing since; assembled files keep theirs. */
    public BitSet stored(TorrentId torrent, Generation generation) {
        return database.withHandle(handle -> stored(handle, torrent, generation, ""));
    }

    /** As {@link #stored}; until the caller's transaction ends, no other changes what is returned. */
    public BitSet lockStored(Handle transaction, TorrentId torrent, Generation generation) {
        return stored(transaction, torrent, generation, " order by slice for update");
    }

    private static BitSet stored(Handle handle, TorrentId torrent, Generation generation, String suffix) {
        BitSet all = new BitSet();
        handle.createQuery("select segments, lost from stored where torrent = :torrent and generation = :generation"
                        + suffix)
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .map((row, context) -> {
                    BitSet segments = BitSet.valueOf(row.getBytes("segments"));
                    segments.andNot(BitSet.valueOf(row.getBytes("lost")));
                    return segments;
                })
                .forEach(all::or);
        return all;
    }

    /** The numbers of the files that are one object. */
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

    /** Whether {@code file} is one object. */
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

    /** In the caller's transaction: {@code file} is one object of {@code size} bytes now. */
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

    /** In the caller's transaction: the object of {@code file} is not there any more. */
    public void notAssembled(Handle transaction, TorrentId torrent, Generation generation, FileIndex file) {
        transaction.execute(
                "delete from assembled where torrent = ? and generation = ? and file = ?",
                torrent.value(),
                generation.value(),
                file.value());
    }

    /**
     * In the caller's transaction: these segments are not there, whatever the owners of slices have said so far. Only what they
     * say after they have listed the store again is believed.
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

    /** In the caller's transaction: nothing of this generation and of those before it is in the store. */
    public void purged(Handle transaction, TorrentId torrent, Generation generation) {
        transaction.execute(
                "delete from stored where torrent = ? and generation <= ?", torrent.value(), generation.value());
        transaction.execute(
                "delete from assembled where torrent = ? and generation <= ?", torrent.value(), generation.value());
    }

    /** Torrents that ended longer ago than {@code age} are forgotten: no link to them can still be good. */
    public void forgetEnded(Duration age) {
        database.useHandle(handle -> handle.createUpdate(
                        "delete from torrent where removed and ended_at < now() - :age * interval '1 second'")
                .bind("age", age.toSeconds())
                .execute());
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
