package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import io.shoal.storage.jobs.NewJob;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Applies the changes that other services report to the catalog, and enqueues the resulting jobs and advances the offsets in the
 * same transaction. A batch takes a handful of statements, however many changes it has.
 *
 * <p>The rules: a lower revision, or a lower epoch of a slice, is ignored; a slice whose status was withdrawn begins its epochs again;
 * a generation declares every lower one dead; a report about a dead generation is ignored; a removal that is received again is purged
 * and published again. Status and desired state may arrive in any order.
 *
 * <p>Rows are locked in the order offsets, torrents, slices, jobs, and within a table in the order of their keys, so that processes
 * which apply changes wait for one another instead of deadlocking.
 */
@ApplicationScoped
public class CatalogWriter {
    /** Held while a status without its torrent, or a new torrent, is taken in: each must see the other. */
    static final long NEW_TORRENTS = 0x5348_4f41_4c4eL;

    private final Jdbi database;
    private final ConsumerOffsets offsets;
    private final JobQueue jobs;
    private final JobRunner runner;

    CatalogWriter(Jdbi database, ConsumerOffsets offsets, JobQueue jobs, JobRunner runner) {
        this.database = database;
        this.offsets = offsets;
        this.jobs = jobs;
        this.runner = runner;
    }

    /**
     * Applies all of these changes, of which those of one key are in their order, and makes the advances; or does nothing of it if
     * it throws.
     *
     * @throws ConsumerOffsets.OffsetsMovedException if another process has taken in records of the same partitions
     */
    public void take(List<Change> changes, Collection<ConsumerOffsets.Advance> advances) {
        boolean enqueued = database.inTransaction(transaction -> {
            offsets.advance(transaction, advances);
            Set<NewJob> due = apply(transaction, changes);
            jobs.enqueue(transaction, due);
            return !due.isEmpty();
        });
        if (enqueued) {
            runner.wake();
        }
    }

    private static Set<NewJob> apply(Handle transaction, List<Change> changes) {
        List<Change> desired = new ArrayList<>();
        List<Change> reports = new ArrayList<>();
        for (Change change : changes) {
            switch (change) {
                case Change.Desired wish -> desired.add(wish);
                case Change.Ended end -> desired.add(end);
                case Change.Observed report -> reports.add(report);
                case Change.Withdrawn withdrawn -> reports.add(withdrawn);
            }
        }
        Slices slices = new Slices(transaction, reports);
        Set<TorrentId> ids = new HashSet<>(slices.torrents());
        desired.forEach(change -> ids.add(change.torrent()));
        Torrents torrents = new Torrents(transaction, ids);
        desired.forEach(torrents::apply);
        Set<TorrentId> unknown = slices.aheadOf(torrents);
        if (torrents.hasNews() || !unknown.isEmpty()) {
            transaction.execute("select pg_advisory_xact_lock(?)", NEW_TORRENTS);
            torrents.reload(unknown);
        }
        Set<NewJob> due = new LinkedHashSet<>(torrents.write());
        due.addAll(slices.write(torrents));
        return due;
    }
}
