package io.shoal.intake.tenants;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of API keys. A session has the scopes of its key, ends with it at the latest, and makes no session itself, so none is
 * prolonged beyond its limits. A key has a bounded number: a further one takes the place of the one that was used longest ago.
 */
@ApplicationScoped
@RetryConflicts
public class Sessions {
    private static final int BATCH = 1_000;
    private static final String REPLACED = "replaced by a newer session of the key";

    private static final String VALID = "s.lastUsedAt > :idleSince and s.endsAt > :now";

    private final ApiSessionRepository sessions;
    private final ApiKeyRepository keys;
    private final Event<SessionEnded> ends;
    private final Duties duties;
    private final AuditLog audit;
    private final int most;

    Sessions(
            ApiSessionRepository sessions,
            ApiKeyRepository keys,
            Event<SessionEnded> ends,
            Duties duties,
            AuditLog audit,
            @ConfigProperty(name = "shoal.sessions") int most) {
        this.sessions = sessions;
        this.keys = keys;
        this.ends = ends;
        this.duties = duties;
        this.audit = audit;
        this.most = most;
    }

    /** A new session: the only time that its token is known. */
    public record NewSession(ApiSession session, Secret token, ApiKey key) {}

    /** Creates a session of a key; empty if the key is not valid any more. */
    @Transactional
    public Optional<NewSession> create(UUID tenant, UUID key) {
        // The key's row is locked, so that concurrent requests do not exceed the number, and no session is made of a
        // key
        // that is being revoked. The sessions that are replaced are locked too: another request may end them now.
        return keys.find("id = ?1 and tenant = ?2", key, tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .filter(found -> !found.isExpired(Instant.now()))
                .map(found -> {
                    sessions.find("key = ?1 order by lastUsedAt desc, createdAt desc, id", key)
                            .withLock(LockModeType.PESSIMISTIC_WRITE)
                            .range(most - 1, Integer.MAX_VALUE - 1)
                            .list()
                            .forEach(old -> end(old, REPLACED));
                    Secret token = Secret.randomSession();
                    ApiSession session =
                            new ApiSession(found, token.hash(), Instant.now().truncatedTo(ChronoUnit.MICROS));
                    sessions.persist(session);
                    audit.write(AuditAction.SESSION_CREATED, tenant, session.id(), null);
                    return new NewSession(session, token, found);
                });
    }

    /** Where a page of sessions continues: after the session that was created then. */
    public record Position(Instant createdAt, UUID id) {}

    /**
     * Returns up to {@code limit} sessions that have not ended, newest first.
     *
     * @param key whose sessions; null: those of all keys of the tenant
     */
    @Transactional
    public List<ApiSession> page(UUID tenant, @Nullable UUID key, @Nullable Position after, int limit) {
        Instant now = Instant.now();
        StringBuilder query = new StringBuilder("from ApiSession s where s.tenant = :tenant and ").append(VALID);
        Map<String, Object> parameters = new HashMap<>(Map.of(
                "tenant", tenant,
                "idleSince", now.minus(ApiSession.IDLE),
                "now", now));
        if (key != null) {
            query.append(" and s.key = :key");
            parameters.put("key", key);
        }
        if (after != null) {
            query.append(" and (s.createdAt, s.id) < (:createdAt, :id)");
            parameters.put("createdAt", after.createdAt);
            parameters.put("id", after.id);
        }
        return sessions.find(query + " order by s.createdAt desc, s.id desc", parameters)
                .page(0, limit)
                .list();
    }

    /**
     * Ends a session of a tenant; returns whether there was one.
     *
     * @param key whose session it must be; null: any of the tenant's keys
     */
    @Transactional
    public boolean end(UUID tenant, @Nullable UUID key, UUID session) {
        Optional<ApiSession> found = sessions.find("id = ?1 and tenant = ?2", session, tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .filter(each -> key == null || each.key().equals(key));
        found.ifPresent(each -> end(each, null));
        return found.isPresent();
    }

    private void end(ApiSession session, @Nullable String detail) {
        sessions.delete(session);
        audit.write(AuditAction.SESSION_REVOKED, session.tenant(), session.id(), detail);
        ends.fire(new SessionEnded(session.id()));
    }

    /** Inside a transaction: returns whether the session has not ended. */
    boolean isValid(UUID session) {
        return holder("s.id = :id", session).isPresent();
    }

    /** Returns the session with this id. */
    @Transactional
    public Optional<ApiSession> find(UUID session) {
        return sessions.findByIdOptional(session);
    }

    /** Returns the holder of the session with this token, if it is valid. */
    @Transactional
    public Optional<KeyHolder> holderOf(Secret token) {
        return holder("s.hash = :id", token.hash());
    }

    /** Returns the holder of the session with this id, if it is valid. */
    @Transactional
    public Optional<KeyHolder> holderOf(UUID session) {
        return holder("s.id = :id", session);
    }

    /** Returns the holders of those of these sessions that are valid and whose tenants are active. */
    @Transactional
    public List<KeyHolder> holdersOf(Set<UUID> of) {
        return of.isEmpty()
                ? List.of()
                : holders("t.state = io.shoal.intake.tenants.TenantState.ACTIVE and s.id in :id", of)
                        .toList();
    }

    private Optional<KeyHolder> holder(String which, Object id) {
        return holders(which, id).findFirst();
    }

    private Stream<KeyHolder> holders(String which, Object id) {
        Instant now = Instant.now();
        return sessions.getEntityManager()
                .createQuery(
                        "select new io.shoal.intake.tenants.KeyHolder(k.id, s.id, k.tenant, t.state, k.scopes, k.label, s.endsAt)"
                                + " from ApiSession s join ApiKey k on k.id = s.key join Tenant t on t.id = k.tenant where "
                                + VALID + " and " + which,
                        KeyHolder.class)
                .setParameter("idleSince", now.minus(ApiSession.IDLE))
                .setParameter("now", now)
                .setParameter("id", id)
                .getResultStream();
    }

    @Scheduled(
            every = "10m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    public void deleteExpired() {
        duties.runInBatches(Duty.EXPIRING_SESSIONS, () -> {
            Instant now = Instant.now();
            List<ApiSession> over = sessions.find(
                            "lastUsedAt <= ?1 or endsAt <= ?2 order by id", now.minus(ApiSession.IDLE), now)
                    .page(0, BATCH)
                    .list();
            sessions.delete("id in ?1", over.stream().map(ApiSession::id).toList());
            return over.size() == BATCH;
        });
    }
}
