package io.shoal.storage.jobs;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.database.SqlArray;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The jobs, in the database. Each job has one row, however often it was enqueued.
 *
 * <p>Invariant: at most one job of a torrent is leased at a time. A lease that is not renewed ends, and another process takes the
 * job over; later writes of the first process to the row change nothing, because they name the owner of the lease. All times are
 * the database's.
 */
@ApplicationScoped
public class JobQueue {
    /** Much longer than the pause between two renewals, so that no job is lost because the database is slow. */
    static final Duration LEASE = Duration.ofSeconds(60);

    /** Held while a job is taken, by one process at a time: otherwise two processes could take two jobs of one torrent. */
    private static final long TAKE_LOCK = 0x5348_4f41_4c4aL;

    private static final int NO_FILE = -1;

    private final Jdbi database;
    private final UUID owner = UUID.randomUUID();

    JobQueue(Jdbi database) {
        this.database = database;
    }

    /** Enqueues, in the caller's transaction, a job for the whole torrent that is due at once. */
    public void enqueue(Handle transaction, JobKind kind, TorrentId torrent, Generation generation) {
        insert(transaction, kind, torrent, generation, NO_FILE, Duration.ZERO);
    }

    /** Enqueues, in the caller's transaction and in one statement, jobs that are due at once. */
    public void enqueue(Handle transaction, Set<NewJob> jobs) {
        if (jobs.isEmpty()) {
            return;
        }
        transaction
                .createUpdate("""
                        insert into job (kind, torrent, generation, file, due)
                        select kind, torrent, generation, :file, now()
                        from unnest(:kinds, :torrents, :generations) as j(kind, torrent, generation)
                        order by torrent, generation, kind
                        on conflict (torrent, generation, kind, file)
                        do update set version = job.version + 1, due = least(job.due, excluded.due)""")
                .bind("kinds", SqlArray.text(jobs, job -> job.kind().name()))
                .bind("torrents", SqlArray.text(jobs, job -> job.torrent().value()))
                .bind(
                        "generations",
                        SqlArray.bigint(jobs, job -> job.generation().value()))
                .bind("file", NO_FILE)
                .execute();
    }

    /** Enqueues, in the caller's transaction, a job for one file that is due after {@code delay}. */
    public void enqueue(
            Handle transaction,
            JobKind kind,
            TorrentId torrent,
            Generation generation,
            FileIndex file,
            Duration delay) {
        insert(transaction, kind, torrent, generation, file.value(), delay);
    }

    private static void insert(
            Handle transaction, JobKind kind, TorrentId torrent, Generation generation, int file, Duration delay) {
        transaction
                .createUpdate("""
                        insert into job (kind, torrent, generation, file, due)
                        values (:kind, :torrent, :generation, :file, now() + :delay * interval '1 millisecond')
                        on conflict (torrent, generation, kind, file)
                        do update set version = job.version + 1, due = least(job.due, excluded.due)""")
                .bind("kind", kind.name())
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("file", file)
                .bind("delay", delay.toMillis())
                .execute();
    }

    /** Leases a due job of a torrent that has no other leased job; returns empty if there is none. */
    Optional<Job> take() {
        return database.inTransaction(transaction -> {
            transaction.execute("select pg_advisory_xact_lock(?)", TAKE_LOCK);
            return transaction
                    .createQuery("""
                            update job set lease_owner = :owner, lease_until = now() + :lease * interval '1 millisecond',
                                attempts = attempts + 1
                            where id = (
                                select id from job candidate
                                where due <= now() and (lease_until is null or lease_until < now())
                                and not exists (select from job other
                                    where other.torrent = candidate.torrent and other.lease_until >= now())
                                order by kind = 'PURGE' desc, due limit 1)
                            returning *""")
                    .bind("owner", owner)
                    .bind("lease", LEASE.toMillis())
                    .map((row, context) -> read(row))
                    .findOne();
        });
    }

    /** Renews the leases on those of these jobs that this process still holds. */
    void renew(Collection<Long> running) {
        if (!running.isEmpty()) {
            database.useHandle(handle -> handle.createUpdate("""
                            update job set lease_until = now() + :lease * interval '1 millisecond'
                            where lease_owner = :owner and id in (<running>)""")
                    .bind("lease", LEASE.toMillis())
                    .bind("owner", owner)
                    .bindList("running", List.copyOf(running))
                    .execute());
        }
    }

    /** Returns whether this process still holds the job. The caller must check it before a step that cannot be undone. */
    public boolean holds(Job job) {
        return database.withHandle(handle -> handle.createQuery("""
                        select exists (select from job
                        where id = :id and lease_owner = :owner and lease_until >= now())""")
                .bind("id", job.id())
                .bind("owner", owner)
                .mapTo(Boolean.class)
                .one());
    }

    /** Stores the id of the job's open upload, or null for none; returns false if this process does not hold the job any more. */
    public boolean keepUpload(Job job, @Nullable String upload) {
        return database.withHandle(
                handle -> handle.createUpdate("update job set upload = :upload where id = :id and lease_owner = :owner")
                                .bind("upload", upload)
                                .bind("id", job.id())
                                .bind("owner", owner)
                                .execute()
                        == 1);
    }

    /**
     * Ends the job in the caller's transaction, which records the result; the job stays due if it was enqueued again meanwhile.
     */
    public void finish(Handle transaction, Job job) {
        int ended = transaction
                .createUpdate("delete from job where id = :id and lease_owner = :owner and version = :version")
                .bind("id", job.id())
                .bind("owner", owner)
                .bind("version", job.version())
                .execute();
        if (ended == 0) {
            transaction
                    .createUpdate("""
                            update job set lease_owner = null, lease_until = null, upload = null, attempts = 0
                            where id = :id and lease_owner = :owner""")
                    .bind("id", job.id())
                    .bind("owner", owner)
                    .execute();
        }
    }

    /** Ends a job that has no result to record. */
    public void finish(Job job) {
        database.useTransaction(transaction -> finish(transaction, job));
    }

    /** Releases the lease; the job is due again after {@code delay}. */
    void postpone(Job job, Duration delay) {
        database.useHandle(handle -> handle.createUpdate("""
                        update job set lease_owner = null, lease_until = null,
                            due = now() + :delay * interval '1 millisecond'
                        where id = :id and lease_owner = :owner""")
                .bind("id", job.id())
                .bind("owner", owner)
                .bind("delay", delay.toMillis())
                .execute());
    }

    /** Returns the jobs of this generation and all before it, except those of kind {@link JobKind#PURGE}. */
    public List<Job> ofDead(TorrentId torrent, Generation generation) {
        return database.withHandle(handle -> handle.createQuery("""
                        select * from job
                        where torrent = :torrent and generation <= :generation and kind <> 'PURGE'""")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .map((row, context) -> read(row))
                .list());
    }

    /** Deletes a job of a dead generation. */
    public void drop(Job job) {
        database.useHandle(handle -> handle.execute("delete from job where id = ?", job.id()));
    }

    private static Job read(ResultSet row) throws SQLException {
        int file = row.getInt("file");
        return new Job(
                row.getLong("id"),
                JobKind.valueOf(row.getString("kind")),
                new TorrentId(row.getString("torrent")),
                new Generation(row.getLong("generation")),
                file == NO_FILE ? null : new FileIndex(file),
                row.getString("upload"),
                row.getInt("version"),
                row.getInt("attempts"));
    }
}
