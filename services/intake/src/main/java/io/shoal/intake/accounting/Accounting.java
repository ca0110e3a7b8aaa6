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
 * Keeps the newest totals of each session, so records may come twice and late; sessions that are over are added up, so that
 * the table does not grow with every start of a client.
 */
@ApplicationScoped
public class Accounting {
    /** Of one user and torrent, until they are added up. */
    private static final int SESSIONS = 1_000;

    /** Longer than the topic keeps records: after that none comes again. */
    private static final Duration OVER = Duration.ofDays(8);

    /** Members of a torrent that are shown. */
    private static final int MEMBERS = 1_000;

    private final Session database;
    private final Duties duties;

    Accounting(Session database, Duties duties) {
        this.database = database;
        this.duties = duties;
    }

    /**
     * The totals that {@code record} says, unless newer ones are known, its tenant is gone, or its user has had too many sessions of the
     * torrent: whoever begins one with every announce must not fill the database.
     */
    @Transactional
    public void take(AccountingRecord record) {
        database.createNativeMutationQuery("""
                        insert into accounting_session as s (user_id, info_hash, peer, started_at, tenant_id,
                                                             uploaded, downloaded, seeding_seconds, last_at)
                        select cast(:user as uuid), cast(:hash as varchar), cast(:peer as varchar),
                               cast(:start as timestamptz), cast(:tenant as uuid), cast(:uploaded as bigint),
                               cast(:downloaded as bigint), cast(:seeding as bigint), cast(:last as timestamptz)
                         where exists (select 1 from tenant where id = :tenant)
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

    /** Those of the tenant's users who announced a torrent, who sent most first; at most 1,000. */
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
        duties.run(Duty.ADDING_UP, () -> addUp(Instant.now().minus(OVER)));
    }

    /** Inside a transaction: adds up the sessions that announced last before {@code moment}. */
    void addUp(Instant moment) {
        database.createNativeMutationQuery("""
                        with gone as (delete from accounting_session where last_at < :moment returning *)
                        insert into accounting_total as t (user_id, info_hash, tenant_id, uploaded, downloaded,
                                                           seeding_seconds, sessions, last_at)
                        select user_id, info_hash, tenant_id, sum(uploaded), sum(downloaded), sum(seeding_seconds),
                               count(*), max(last_at)
                          from gone group by user_id, info_hash, tenant_id
                        on conflict (user_id, info_hash) do update
                           set uploaded = t.uploaded + excluded.uploaded,
                               downloaded = t.downloaded + excluded.downloaded,
                               seeding_seconds = t.seeding_seconds + excluded.seeding_seconds,
                               sessions = t.sessions + excluded.sessions,
                               last_at = greatest(t.last_at, excluded.last_at)
                        """).setParameter("moment", moment).executeUpdate();
    }

    /** Inside a transaction: forgets what the users of a tenant did that is being deleted. */
    public void forget(UUID tenant) {
        for (String table : List.of("accounting_session", "accounting_total")) {
            database.createNativeMutationQuery("delete from " + table + " where tenant_id = :tenant")
                    .setParameter("tenant", tenant)
                    .executeUpdate();
        }
    }
}
