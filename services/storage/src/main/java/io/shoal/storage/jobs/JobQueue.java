package io.shoal.storage.jobs;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.database.SqlArray;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The jobs, in the database. Each job has one row, however often it was enqueued.
 *
 * <p>Invariant: at most one job of a torrent is leased at a time, which a unique index holds. A lease that is not renewed ends, and
 * the job is taken over, by another process or by the same one; later writes of the first holder to the row change nothing, because
 * they name a lease that has ended. All times are the database's.
 */
@ApplicationScoped
public class JobQueue {
    /** Much longer than the pause between two renewals, so that no job is lost because the database is slow. */
    static final Duration LEASE = Duration.ofSeconds(60);

    /**
     * Leases the due jobs of one priority that come first and whose torrents have no leased job, one of each torrent. Each row that it
     * looks at comes from an index. Rows that are locked by another process, and torrents of which another process takes a job at the
     * same moment, are skipped: no take waits for another.
     */
    static final String TAKE = """
            with candidate as (
                select id, torrent, due from job
                where priority = :priority and lease_owner is null and due <= now()
                and not exists (select from job leased
                    where leased.torrent = job.torrent and leased.lease_owner is not null)
                order by due limit 4 * :most for update of job skip locked),
            chosen as (
                select id, torrent from
                    (select distinct on (torrent) id, torrent, due from candidate order by torrent, due, id) as firsts
                order by due limit :most)
            update job set lease_owner = gen_random_uuid(), lease_until = now() + :lease * interval '1 millisecond',
                attempts = attempts + 1
            where id in (select id from chosen where pg_try_advisory_xact_lock(hashtextextended(torrent, 0)))
            returning *""";

    private static final List<Integer> PRIORITIES = Arrays.stream(JobKind.values())
            .map(JobKind::priority)
            .distinct()
            .sorted()
            .toList();

    /** Two processes took jobs of one torrent at the same time: the index {@code job_leased} refuses one of them. */
    private static final String COLLISION = "23505";

    private static final int ATTEMPTS = 5;

    private static final int NO_FILE = -1;

    private final Jdbi database;

    public JobQueue(Jdbi database) {
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
                        insert into job (kind, priority, torrent, generation, file, due)
                        select kind, priority, torrent, generation, :file, now()
                        from unnest(:kinds, :priorities, :torrents, :generations)
                            as j(kind, priority, torrent, generation)
                        order by torrent, generation, kind
                        on conflict (torrent, generation, kind, file)
                        do update set version = job.version + 1, due = least(job.due, excluded.due)""")
                .bind("kinds", SqlArray.text(jobs, job -> job.kind().name()))
                .bind("priorities", SqlArray.integer(jobs, job -> job.kind().priority()))
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
                        insert into job (kind, priority, torrent, generation, file, due)
                        values (:kind, :priority, :torrent, :generation, :file, now() + :delay * interval '1 millisecond')
                        on conflict (torrent, generation, kind, file)
                        do update set version = job.version + 1, due = least(job.due, excluded.due)""")
                .bind("kind", kind.name())
                .bind("priority", kind.priority())
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("file", file)
                .bind("delay", delay.toMillis())
                .execute();
    }

    /**
     * Leases up to {@code most} due jobs, of torrents that have no other leased job; returns none if none is due. Leases that have
     * ended are released first.
     */
    List<Job> take(int most) {
        for (int attempt = 1; ; attempt++) {
            try {
                return database.inTransaction(transaction -> {
                    List<Job> taken = new ArrayList<>();
                    transaction.execute("""
                            update job set lease_owner = null, lease_until = null
                            where id in (select id from job
                                where lease_owner is not null and lease_until < now() for update skip locked)""");
                    for (int priority : PRIORITIES) {
                        if (taken.size() < most) {
                            taken.addAll(take(transaction, priority, most - taken.size()));
                        }
                    }
                    return taken;
                });
            } catch (JdbiException e) {
                if (attempt == ATTEMPTS || !isCollision(e)) {
                    throw e;
                }
            }
        }
    }

    private List<Job> take(Handle transaction, int priority, int most) {
        return transaction
                .createQuery(TAKE)
                .bind("priority", priority)
                .bind("most", most)
                .bind("lease", LEASE.toMillis())
                .map((row, context) -> read(row))
                .list();
    }

    private static boolean isCollision(JdbiException failure) {
        return failure.getCause() instanceof SQLException cause && COLLISION.equals(cause.getSQLState());
    }

    /** Renews the leases of these jobs that have not been taken over. */
    void renew(Collection<Job> running) {
        List<Job> jobs = List.copyOf(running);
        if (!jobs.isEmpty()) {
            database.useHandle(handle -> handle.createUpdate("""
                            with held as (
                                select job.id from job join unnest(:ids, :leases) as r(id, lease)
                                on job.id = r.id and job.lease_owner = r.lease::uuid
                                order by job.torrent, job.generation, job.kind for update of job)
                            update job set lease_until = now() + :time * interval '1 millisecond'
                            where id in (select id from held)""")
                    .bind("ids", SqlArray.bigint(jobs, Job::id))
                    .bind("leases", SqlArray.text(jobs, job -> String.valueOf(job.lease())))
                    .bind("time", LEASE.toMillis())
                    .execute());
        }
    }

    /** Returns whether the lease lasts. The caller must check it before a step that cannot be undone. */
    public boolean holds(Job job) {
        return database.withHandle(handle -> handle.createQuery("""
                        select exists (select from job
                        where id = :id and lease_owner = :lease and lease_until >= now())""")
                .bind("id", job.id())
                .bind("lease", job.lease())
                .mapTo(Boolean.class)
                .one());
    }

    /** Stores the id of the job's open upload, or null for none; returns false if the lease has been taken over. */
    public boolean keepUpload(Job job, @Nullable String upload) {
        return database.withHandle(
                handle -> handle.createUpdate("update job set upload = :upload where id = :id and lease_owner = :lease")
                                .bind("upload", upload)
                                .bind("id", job.id())
                                .bind("lease", job.lease())
                                .execute()
                        == 1);
    }

    /**
     * Ends the job in the caller's transaction, which records the result; the job stays due if it was enqueued again meanwhile.
     */
    public void finish(Handle transaction, Job job) {
        int ended = transaction
                .createUpdate("delete from job where id = :id and lease_owner = :lease and version = :version")
                .bind("id", job.id())
                .bind("lease", job.lease())
                .bind("version", job.version())
                .execute();
        if (ended == 0) {
            transaction
                    .createUpdate("""
                            update job set lease_owner = null, lease_until = null, upload = null, attempts = 0
                            where id = :id and lease_owner = :lease""")
                    .bind("id", job.id())
                    .bind("lease", job.lease())
                    .execute();
        }
    }

    /** Ends a job that has no result to record. */
    public void finish(Job job) {
        database.useTransaction(transaction -> finish(transaction, job));
    }

    /** Releases the lease in the caller's transaction: the job has done a part of its work, and is due again after {@code delay}. */
    public void continueLater(Handle transaction, Job job, Duration delay) {
        transaction
                .createUpdate("""
                        update job set lease_owner = null, lease_until = null, attempts = 0,
                            due = now() + :delay * interval '1 millisecond'
                        where id = :id and lease_owner = :lease""")
                .bind("id", job.id())
                .bind("lease", job.lease())
                .bind("delay", delay.toMillis())
                .execute();
    }

    /** Returns the files of this generation that have a job of {@code kind}. */
    public BitSet files(Handle transaction, JobKind kind, TorrentId torrent, Generation generation) {
        BitSet files = new BitSet();
        transaction
                .createQuery(
                        "select file from job where torrent = :torrent and generation = :generation and kind = :kind")
                .bind("torrent", torrent.value())
                .bind("generation", generation.value())
                .bind("kind", kind.name())
                .mapTo(Integer.class)
                .forEach(files::set);
        return files;
    }

    /** Releases the lease; the job is due again after {@code delay}. */
    void postpone(Job job, Duration delay) {
        database.useHandle(handle -> handle.createUpdate("""
                        update job set lease_owner = null, lease_until = null,
                            due = now() + :delay * interval '1 millisecond'
                        where id = :id and lease_owner = :lease""")
                .bind("id", job.id())
                .bind("lease", job.lease())
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
                row.getInt("attempts"),
                row.getObject("lease_owner", UUID.class));
    }
}
