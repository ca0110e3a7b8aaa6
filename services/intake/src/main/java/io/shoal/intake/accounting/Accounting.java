package io.shoal.intake.accounting;

import io.quarkus.scheduler.Scheduled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Keeps the newest totals of each session, so records may arrive twice or late; sessions that are over are added up, so that
 * the table does not grow with every start of a client.
 */
@ApplicationScoped
public class Accounting {
    /** Sessions of one user and torrent that are kept until they are added up. */
    private static final int SESSIONS = 1_000;

    /** Longer than the topic keeps records, so no record of the session can arrive any more. */
    private static final Duration OVER = Duration.ofDays(8);

    /** Sessions that one transaction adds up. */
    private static final int BATCH = 5_000;

    /** Members of a torrent that are shown. */
    private static final int MEMBERS = 1_000;

    private final Session database;
    private final Duties duties;

    Accounting(Session database, Duties duties) {
        this.database = database;
        this.duties = duties;
    }

    /**
     * Stores the totals of {@code record}, unless newer ones are known, its tenant is gone or being deleted, or its user has had
     * too many sessions of the torrent: a client that begins a session with every announce must not fill the database.
     */
    @Transactional
    public void take(AccountingRecord record) {
        database.createNativeMutationQuery("""
                        insert into accounting_session as s (user_id, info_hash, peer, started_at, tenant_id,
                                                             uploaded, downloaded, seeding_seconds, last_at)
                        select cast(:user as uuid), cast(:hash as varchar), cast(:peer as varchar),
                               cast(:start as timestamptz), cast(:tenant as uuid), cast(:uploaded as bigint),
                               cast(:downloaded as bigint), cast(:seeding as bigint), cast(:last as timestamptz)
                         where exists (select 1 from tenant where id = :tenant and state <> 'DELETING')
                           and ((select count(*) from (select 1 from accounting_session where user_id = :user
                                                          and info_hash = :hash limit :most) as known) < :most
                                or exists (select 1 from accounting_session where user_id = :user
                                              and info_hash = :hash and peer = :peer and started_at = :start))
                        on conflict (user_id, info_hash, peer, started_at) do update
                           set uploaded = excluded.uploaded, downloaded = excluded.downloaded,
                               seeding_seconds = excluded.seeding_seconds, last_at = excluded.last_at
                         where s.last_at <= excluded.last_at
                        """)
                .setParameter("user", record.user())
                .setParameter("hash", record.infoHash())
                .setParameter("peer", record.peer())
                .setParameter("start", Instant.ofEpochMilli(record.start()))
                .setParameter("tenant", record.tenant())
                .setParameter("uploaded", record.uploaded())
                .setParameter("downloaded", record.downloaded())
                .setParameter("seeding", record.seedingSeconds())
                .setParameter("last", Instant.ofEpochMilli(record.last()))
                .setParameter("most", SESSIONS)
                .executeUpdate();
    }

    /** Returns the tenant's users that announced a torrent, at most 1,000; the user that sent most comes first. */
    @Transactional
    public List<Account> of(UUID tenant, InfoHash infoHash) {
        return database
                .createNativeQuery("""
                        select a.user_id, p.name,
                               cast(least(sum(a.uploaded), 9223372036854775807) as bigint),
                               cast(least(sum(a.downloaded), 9223372036854775807) as bigint),
                               cast(least(sum(a.seeding_seconds), 9223372036854775807) as bigint),
                               cast(sum(a.sessions) as bigint), max(a.last_at)
                          from (select user_id, uploaded, downloaded, seeding_seconds, 1 as sessions, last_at
                                  from accounting_session where tenant_id = :tenant and info_hash = :hash
                                union all
                                select user_id, uploaded, downloaded, seeding_seconds, sessions, last_at
                                  from accounting_total where tenant_id = :tenant and info_hash = :hash) a
                          left join passkey p on p.id = a.user_id
                         group by a.user_id, p.name
                         order by 3 desc, a.user_id
                        """, Object[].class)
                .setParameter("tenant", tenant)
                .setParameter("hash", infoHash.hex())
                .setMaxResults(MEMBERS)
                .getResultList()
                .stream()
                .map(row -> new Account(
                        (UUID) row[0],
                        (String) row[1],
                        ((Number) row[2]).longValue(),
                        ((Number) row[3]).longValue(),
                        ((Number) row[4]).longValue(),
                        ((Number) row[5]).longValue(),
                        (Instant) row[6]))
                .toList();
    }

    /** Adds up sessions that are over. */
    @Scheduled(
            every = "1h",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void addUp() {
        Instant before = Instant.now().minus(OVER);
        duties.runInBatches(Duty.ADDING_UP, () -> addUp(before, BATCH));
    }

    /**
     * Inside a transaction: adds up at most {@code limit} sessions whose last announce was before {@code moment}; returns
     * whether there may be more.
     */
    boolean addUp(Instant moment, int limit) {
        long added = ((Number) database.createNativeQuery("""
                        with oldest as (select user_id, info_hash, peer, started_at from accounting_session
                                       where last_at < :moment order by last_at limit :limit for update skip locked),
                             gone as (delete from accounting_session s using oldest
                                       where (s.user_id, s.info_hash, s.peer, s.started_at)
                                           = (oldest.user_id, oldest.info_hash, oldest.peer, oldest.started_at)
                                       returning s.*),
                             totals as (
                        insert into accounting_total as t (user_id, info_hash, tenant_id, uploaded, downloaded,
                                                           seeding_seconds, sessions, last_at)
                        select user_id, info_hash, tenant_id, sum(uploaded), sum(downloaded), sum(seeding_seconds),
                               count(*), max(last_at)
                          from gone group by user_id, info_hash, tenant_id
                         order by user_id, info_hash
                        on conflict (user_id, info_hash) do update
                           set uploaded = t.uploaded + excluded.uploaded,
                               downloaded = t.downloaded + excluded.downloaded,
                               seeding_seconds = t.seeding_seconds + excluded.seeding_seconds,
                               sessions = t.sessions + excluded.sessions,
                               last_at = greatest(t.last_at, excluded.last_at))
                        select count(*) from gone
                        """, Long.class)
                        .setParameter("moment", moment)
                        .setParameter("limit", limit)
                        .getSingleResult())
                .longValue();
        return added == limit;
    }

    /**
     * Inside a transaction: forgets at most {@code limit} rows for each kind of accounting of a tenant that is being deleted;
     * returns how many.
     */
    public int forgetSome(UUID tenant, int limit) {
        int forgotten = 0;
        for (String table : List.of("accounting_session", "accounting_total")) {
            forgotten += database.createNativeMutationQuery("delete from " + table + " where ctid = any (array("
                            + "select ctid from " + table + " where tenant_id = :tenant limit :limit))")
                    .setParameter("tenant", tenant)
                    .setParameter("limit", limit)
                    .executeUpdate();
        }
        return forgotten;
    }
}
