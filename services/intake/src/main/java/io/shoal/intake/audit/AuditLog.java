package io.shoal.intake.audit;

import io.quarkus.arc.Arc;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The actions of operators and keys: what was done, by which key, from which address. An entry is written in the transaction
 * of its action, so neither exists without the other. Entries are never changed, hold no secret, and outlive their tenant.
 */
@ApplicationScoped
public class AuditLog {
    private static final int DETAIL_CHARS = 1_000;

    private final AuditEntries entries;
    private final CurrentActor current;

    AuditLog(AuditEntries entries, CurrentActor current) {
        this.entries = entries;
        this.current = current;
    }

    /** Inside a transaction: records an action on a tenant, or on something that belongs to it. */
    public void write(AuditAction action, UUID tenant, Object subject, @Nullable String detail) {
        add(action, tenant, subject, detail);
    }

    /** Inside a transaction: records an action that concerns no single tenant. */
    public void write(AuditAction action, Object subject, @Nullable String detail) {
        add(action, null, subject, detail);
    }

    private void add(AuditAction action, @Nullable UUID tenant, Object subject, @Nullable String detail) {
        Actor actor = Arc.container().requestContext().isActive() ? current.get() : Actor.SYSTEM;
        entries.persist(new AuditEntry(
                actor,
                action,
                tenant,
                subject.toString(),
                detail == null || detail.length() <= DETAIL_CHARS ? detail : detail.substring(0, DETAIL_CHARS)));
    }

    /** Where a page of entries continues: after this one. */
    public record Position(Instant at, UUID id) {}

    /** Returns up to {@code limit} entries, newest first; with a tenant, only those that are about it. */
    @Transactional
    public List<AuditEntry> page(@Nullable UUID tenant, @Nullable Position after, int limit) {
        Map<String, Object> parameters = new HashMap<>();
        StringBuilder query = new StringBuilder("1 = 1");
        if (tenant != null) {
            query.append(" and tenant = :tenant");
            parameters.put("tenant", tenant);
        }
        if (after != null) {
            query.append(" and (at, id) < (:at, :id)");
            parameters.put("at", after.at);
            parameters.put("id", after.id);
        }
        return entries.find(query + " order by at desc, id desc", parameters)
                .page(0, limit)
                .list();
    }
}
