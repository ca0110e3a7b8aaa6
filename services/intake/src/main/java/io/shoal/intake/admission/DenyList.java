package io.shoal.intake.admission;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/**
 * The torrents that the operator denies. A torrent is denied if its v1 or its v2 info-hash is on the list.
 *
 * <p>A transaction that plans asks {@link #denies} and holds a shared lock from then on. {@link #awaitPlans} waits for all of
 * them: the caller sees every transfer that was planned before the denial, and each later plan sees the denial.
 */
@ApplicationScoped
@RetryConflicts
public class DenyList {
    /** The number of the advisory lock; those of duties are small. */
    private static final long LOCK = 0x6465_6e79L;

    private static final int V1_DIGITS = 2 * InfoHash.LENGTH;

    private static final String MERGE = """
            insert into denied_torrent (hash, reason, rev, changed_at, swept)
            select hash, reason, nextval('rev_seq'), :now, false
              from unnest(cast(:hashes as text[]), cast(:reasons as text[])) as given(hash, reason)
            on conflict (hash) do update set reason = excluded.reason, changed_at = excluded.changed_at
             where denied_torrent.reason is distinct from excluded.reason
            returning hash, xmax = 0 as added
            """;

    private final Session database;
    private final Outbox outbox;
    private final AuditLog audit;

    DenyList(Session database, Outbox outbox, AuditLog audit) {
        this.database = database;
        this.outbox = outbox;
        this.audit = audit;
    }

    /** Inside a transaction: whether one of these hashes, in lower-case hexadecimal, is denied. */
    public boolean denies(Collection<String> hashes) {
        database.createNativeQuery("select cast(pg_advisory_xact_lock_shared(:lock) as text)", String.class)
                .setParameter("lock", LOCK)
                .getSingleResult();
        return database.createNativeQuery(
                        "select exists (select 1 from denied_torrent where hash in :hashes)", Boolean.class)
                .setParameter("hashes", hashes)
                .getSingleResult();
    }

    /** Inside a transaction of its own: returns when every transaction that has called {@link #denies} has ended. */
    public void awaitPlans() {
        database.createNativeQuery("select cast(pg_advisory_xact_lock(:lock) as text)", String.class)
                .setParameter("lock", LOCK)
                .getSingleResult();
    }

    /** A line of a list: a hash in lower-case hexadecimal and optionally a reason. */
    public record Line(String hash, @Nullable String reason) {}

    /** Denies a torrent. One that is denied already gets the new reason. */
    @Transactional
    public void deny(Line line) {
        merge(List.of(line)).forEach(added -> outbox.dirty(Topic.ADMISSION, key(added)));
        audit.write(AuditAction.TORRENT_DENIED, line.hash(), null);
    }

    /**
     * Denies a part of a list, in which no hash occurs twice, in one transaction. The tracker learns of it when nothing else waits to
     * be published.
     *
     * @return how many were not denied before
     */
    @Transactional
    public int denyAll(List<Line> lines) {
        List<String> added = merge(lines);
        outbox.dirtyLater(
                Topic.ADMISSION, added.stream().map(DenyList::key).distinct().toList());
        audit.write(AuditAction.DENY_LIST_MERGED, "deny", lines.size() + " lines, " + added.size() + " of them new");
        return added.size();
    }

    /** Returns the hashes that were not denied before. */
    private List<String> merge(List<Line> given) {
        // In the order of hashes, so that two lists with the same torrents do not wait for each other.
        List<Line> lines =
                given.stream().sorted(Comparator.comparing(Line::hash)).toList();
        return database
                .createNativeQuery(MERGE, Tuple.class)
                .setParameter("hashes", lines.stream().map(Line::hash).toArray(String[]::new))
                .setParameter("reasons", lines.stream().map(Line::reason).toArray(String[]::new))
                .setParameter("now", Instant.now().truncatedTo(ChronoUnit.MICROS))
                .getResultList()
                .stream()
                .filter(row -> row.get(1, Boolean.class))
                .map(row -> row.get(0, String.class))
                .toList();
    }

    /** Withdraws the denial of a torrent; returns whether there was one. Transfers that were blocked stay blocked. */
    @Transactional
    public boolean withdraw(String hash) {
        boolean was = database.createNativeMutationQuery("delete from denied_torrent where hash = :hash")
                        .setParameter("hash", hash)
                        .executeUpdate()
                == 1;
        if (was) {
            // An allowance is in force again, with a revision above that of the denial.
            database.createNativeMutationQuery(
                            "update allowed_torrent set rev = nextval('rev_seq') where info_hash = :hash")
                    .setParameter("hash", v1Form(hash))
                    .executeUpdate();
            outbox.dirty(Topic.ADMISSION, key(hash));
            audit.write(AuditAction.DENIAL_WITHDRAWN, hash, null);
        }
        return was;
    }

    private static String key(String hash) {
        return new AdmissionKey.OfTorrent(InfoHash.ofHex(v1Form(hash))).toString();
    }

    /** Returns a v2 info-hash as trackers and peers use it: truncated to the length of a v1 info-hash (BEP 52). */
    private static String v1Form(String hash) {
        return hash.substring(0, V1_DIGITS);
    }

    /** The denial of this hash, if there is one. */
    @Transactional
    public Optional<Denial> of(String hash) {
        return page(hash, true, 1).stream()
                .filter(denial -> denial.hash().equals(hash))
                .findFirst();
    }

    /** Up to {@code limit} denials whose hashes come after {@code after}, in their order. */
    @Transactional
    public List<Denial> page(String after, int limit) {
        return page(after, false, limit);
    }

    private List<Denial> page(String from, boolean inclusive, int limit) {
        List<Tuple> found = database.createNativeQuery(
                        "select hash, reason, changed_at from denied_torrent where hash " + (inclusive ? ">=" : ">")
                                + " :from order by hash limit :limit",
                        Tuple.class)
                .setParameter("from", from)
                .setParameter("limit", limit)
                .getResultList();
        return found.stream()
                .map(row -> new Denial(row.get(0, String.class), row.get(1, String.class), row.get(2, Instant.class)))
                .toList();
    }

    /**
     * Inside a transaction: the revisions of the denials of torrents as the tracker names them, by info-hash; a torrent that is not
     * denied is left out.
     */
    public Map<InfoHash, Long> revs(Collection<InfoHash> infoHashes) {
        List<Tuple> found = database.createNativeQuery(
                        "select given.hash, max(denied.rev) from unnest(cast(:hashes as text[])) as given(hash)"
                                // 'g' comes after all hashes that begin so
                                + " join denied_torrent denied on denied.hash >= given.hash and denied.hash < given.hash || 'g'"
                                + " group by given.hash",
                        Tuple.class)
                .setParameter("hashes", infoHashes.stream().map(InfoHash::hex).toArray(String[]::new))
                .getResultList();
        return found.stream()
                .collect(Collectors.toMap(
                        row -> InfoHash.ofHex(row.get(0, String.class)), row -> ((Number) row.get(1)).longValue()));
    }

    /** A denial that may have transfers that are not blocked yet; the revision tells it from a later denial of the same hash. */
    public record Unswept(String hash, long rev) {}

    /** Inside a transaction: some denials that may have transfers that are not blocked yet, newest first, because a list may be long. */
    public List<Unswept> unswept(int limit) {
        List<Tuple> found = database.createNativeQuery(
                        "select hash, rev from denied_torrent where not swept order by rev desc limit :limit",
                        Tuple.class)
                .setParameter("limit", limit)
                .getResultList();
        return found.stream()
                .map(row -> new Unswept(row.get(0, String.class), ((Number) row.get(1)).longValue()))
                .toList();
    }

    /** Inside a transaction: notes that all transfers of these torrents are blocked. */
    public void swept(List<Unswept> done) {
        database.createNativeMutationQuery("update denied_torrent d set swept = true"
                        + " from unnest(cast(:hashes as text[]), cast(:revs as bigint[])) as done(hash, rev)"
                        + " where d.hash = done.hash and d.rev = done.rev")
                .setParameter("hashes", done.stream().map(Unswept::hash).toArray(String[]::new))
                .setParameter("revs", done.stream().map(Unswept::rev).toArray(Long[]::new))
                .executeUpdate();
    }
}
