package io.shoal.storage.catalog;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Applies the changes that other services report to the catalog, and enqueues the resulting jobs in the same transaction.
 *
 * <p>The rules: a lower revision, or a lower epoch of a slice, is ignored; a generation declares every lower one dead; a report
 * about a dead generation is ignored; a removal that is received again is purged and published again. Status and desired state may
 * arrive in any order.
 */
@ApplicationScoped
public class CatalogWriter {
    private final Jdbi database;
    private final JobQueue jobs;
    private final JobRunner runner;

    CatalogWriter(Jdbi database, JobQueue jobs, JobRunner runner) {
        this.database = database;
        this.jobs = jobs;
        this.runner = runner;
    }

    /** Applies all of these changes, or none of them if it throws. */
    public void take(List<Change> changes) {
        // Sorted by torrent, so that processes that apply the same changes wait for one another instead of
        // deadlocking.
        List<Change> ordered = changes.stream()
                .sorted(Comparator.comparing(change -> change.torrent().value()))
                .toList();
        database.useTransaction(transaction -> {
            for (Change change : ordered) {
                switch (change) {
                    case Change.Desired(TorrentId torrent, TorrentRecord record) ->
                        desired(transaction, torrent, record);
                    case Change.Ended(TorrentId torrent) ->
                        transaction.execute(
                                "update torrent set ended_at = now() where id = ? and removed and ended_at is null",
                                torrent.value());
                    case Change.Observed(TorrentId torrent, int slice, StatusRecord record) ->
                        observed(transaction, torrent, slice, record);
                }
            }
        });
        runner.wake();
    }

    private record Known(Generation generation, long rev, boolean removed) {}

    private void desired(Handle transaction, TorrentId torrent, TorrentRecord record) {
        Optional<Known> known = known(transaction, torrent);
        boolean removed = record.state() == TorrentRecord.State.REMOVED;
        if (known.isEmpty()) {
            transaction.execute(
                    "insert into torrent (id, generation, rev, removed, info_key) values (?, ?, ?, ?, ?)"
                            + " on conflict (id) do nothing",
                    torrent.value(),
                    record.gen().value(),
                    record.rev(),
                    removed,
                    record.infoKey());
        } else {
            Known before = known.get();
            if (record.rev() < before.rev() || record.gen().compareTo(before.generation()) < 0) {
                return;
            }
            transaction.execute(
                    "update torrent set generation = ?, rev = ?, removed = ?, info_key = ?, ended_at = null where id = ?",
                    record.gen().value(),
                    record.rev(),
                    removed,
                    record.infoKey(),
                    torrent.value());
            if (before.generation().compareTo(record.gen()) < 0) {
                jobs.enqueue(
                        transaction,
                        JobKind.PURGE,
                        torrent,
                        new Generation(record.gen().value() - 1));
            }
        }
        boolean news = known.isEmpty() || !known.get().generation().equals(record.gen());
        if (removed) {
            jobs.enqueue(transaction, JobKind.PURGE, torrent, record.gen());
        } else if (news) {
            jobs.enqueue(transaction, JobKind.PLAN, torrent, record.gen());
        }
    }

    private record Slice(long epoch, int checked, Bits segments, Bits lost) {}

    private void observed(Handle transaction, TorrentId torrent, int slice, StatusRecord record) {
        Optional<Known> known = known(transaction, torrent);
        if (known.isPresent() && isDead(known.get(), record.gen())) {
            return;
        }
        Optional<Slice> found = transaction
                .createQuery("""
                        select epoch, checked, segments, lost from stored
                        where torrent = :torrent and generation = :generation and slice = :slice for update""")
                .bind("torrent", torrent.value())
                .bind("generation", record.gen().value())
                .bind("slice", slice)
                .map((row, context) -> new Slice(
                        row.getLong("epoch"),
                        row.getInt("checked"),
                        Bits.of(BitSet.valueOf(row.getBytes("segments"))),
                        Bits.of(BitSet.valueOf(row.getBytes("lost")))))
                .findOne();
        Slice before = found.orElseGet(() -> new Slice(0, record.check(), Bits.NONE, Bits.NONE));
        boolean listedAgain = record.check() > before.checked();
        Slice after = new Slice(
                record.epoch(),
                Math.max(before.checked(), record.check()),
                record.stored(),
                listedAgain ? Bits.NONE : before.lost());
        if (found.isPresent() && (after.epoch() < before.epoch() || after.equals(before))) {
            return;
        }
        transaction.execute(
                """
                insert into stored (torrent, generation, slice, epoch, checked, segments, lost)
                values (?, ?, ?, ?, ?, ?, ?)
                on conflict (torrent, generation, slice) do update set epoch = excluded.epoch,
                    checked = excluded.checked, segments = excluded.segments, lost = excluded.lost""",
                torrent.value(),
                record.gen().value(),
                slice,
                after.epoch(),
                after.checked(),
                after.segments().toBitSet().toByteArray(),
                after.lost().toBitSet().toByteArray());
        jobs.enqueue(transaction, JobKind.PLAN, torrent, record.gen());
    }

    private static boolean isDead(Known known, Generation generation) {
        int order = generation.compareTo(known.generation());
        return order < 0 || (order == 0 && known.removed());
    }

    private static Optional<Known> known(Handle transaction, TorrentId torrent) {
        return transaction
                .createQuery("select generation, rev, removed from torrent where id = :torrent for update")
                .bind("torrent", torrent.value())
                .map((row, context) -> new Known(
                        new Generation(row.getLong("generation")), row.getLong("rev"), row.getBoolean("removed")))
                .findOne();
    }
}
