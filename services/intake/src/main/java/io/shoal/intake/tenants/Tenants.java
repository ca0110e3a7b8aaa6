package io.shoal.intake.tenants;

import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tenants. A tenant that is being deleted has no key, can be given nothing, and never becomes active
 * again.
 */
@ApplicationScoped
@RetryConflicts
public class Tenants {
    private final TenantRepository tenants;
    private final ApiKeys keys;
    private final Pools pools;
    private final Quotas quotas;
    private final Event<TenantStateChanged> stateChanges;
    private final AuditLog audit;

    Tenants(
            TenantRepository tenants,
            ApiKeys keys,
            Pools pools,
            Quotas quotas,
            Event<TenantStateChanged> stateChanges,
            AuditLog audit) {
        this.tenants = tenants;
        this.keys = keys;
        this.pools = pools;
        this.quotas = quotas;
        this.stateChanges = stateChanges;
        this.audit = audit;
    }

    /** A new tenant with its first key. */
    public record NewTenant(Tenant tenant, ApiKeys.NewKey key) {}

    /**
     * Creates a tenant and its first key. Names need not be unique.
     *
     * @param pool the pool in which it is; null: in none
     * @throws NoSuchPoolException the pool does not exist
     */
    @Transactional
    public NewTenant create(String name, @Nullable UUID pool) {
        Tenant tenant = new Tenant(UUID.randomUUID(), name, now());
        tenants.persist(tenant);
        quotas.open(tenant.id());
        audit.write(AuditAction.TENANT_CREATED, tenant.id(), tenant.id(), name);
        pools.join(tenant, pool);
        return new NewTenant(tenant, keys.createFirst(tenant.id()));
    }

    /** Returns the tenant, if it exists. */
    @Transactional
    public Optional<Tenant> find(UUID tenant) {
        return tenants.findByIdOptional(tenant);
    }

    /**
     * Suspends a tenant; suspending it again changes nothing. Empty if it does not exist.
     *
     * @throws TenantDeletingException the tenant is being deleted
     */
    @Transactional
    public Optional<Tenant> suspend(UUID tenant) {
        return change(tenant, TenantState.SUSPENDED, AuditAction.TENANT_SUSPENDED);
    }

    /**
     * Resumes a tenant; resuming an active one changes nothing. Empty if it does not exist.
     *
     * @throws TenantDeletingException the tenant is being deleted
     */
    @Transactional
    public Optional<Tenant> resume(UUID tenant) {
        return change(tenant, TenantState.ACTIVE, AuditAction.TENANT_RESUMED);
    }

    private Optional<Tenant> change(UUID id, TenantState next, AuditAction action) {
        Optional<Tenant> found = tenants.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
        found.ifPresent(tenant -> {
            refuseIfDeleting(tenant);
            if (tenant.state() != next) {
                tenant.become(next);
                audit.write(action, id, id, null);
                stateChanges.fire(new TenantStateChanged(id, next));
            }
        });
        return found;
    }

    /** Revokes all keys of a tenant and leaves the rest of it to be removed. Empty if it does not exist. */
    @Transactional
    public Optional<Tenant> delete(UUID id) {
        Optional<Tenant> found = tenants.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
        found.filter(tenant -> tenant.state() != TenantState.DELETING).ifPresent(tenant -> {
            tenant.become(TenantState.DELETING);
            keys.revokeAll(id);
            audit.write(AuditAction.TENANT_DELETED, id, id, null);
            stateChanges.fire(new TenantStateChanged(id, TenantState.DELETING));
        });
        return found;
    }

    /** Returns tenants that are being deleted, oldest first. */
    @Transactional
    public List<UUID> deleting(int limit) {
        return tenants.find("state = ?1 order by createdAt, id", TenantState.DELETING).page(0, limit).list().stream()
                .map(Tenant::id)
                .toList();
    }

    /** Inside a transaction: forgets a tenant that is being deleted and has nothing left. */
    public void forget(UUID tenant) {
        tenants.deleteById(tenant);
        audit.write(AuditAction.TENANT_REMOVED, tenant, tenant, null);
    }

    /** Where a page of tenants continues: after the tenant that was created then. */
    public record Position(Instant createdAt, UUID id) {}

    /** Returns up to {@code limit} tenants, newest first. */
    @Transactional
    public List<Tenant> page(@Nullable Position after, int limit) {
        return (after == null
                        ? tenants.find("order by createdAt desc, id desc")
                        : tenants.find(
                                "(createdAt, id) < (?1, ?2) order by createdAt desc, id desc",
                                after.createdAt,
                                after.id))
                .page(0, limit)
                .list();
    }

    /**
     * Inside a transaction: keeps other transactions from giving this tenant anything until this one ends. Returns whether the
     * tenant exists and is not being deleted.
     */
    public boolean lock(UUID tenant) {
        return givable(tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_WRITE))
                .isPresent();
    }

    /**
     * Inside a transaction: keeps this tenant from being deleted, and from entering or leaving a pool, until the transaction ends.
     * Empty if the tenant does not exist or is being deleted.
     */
    public Optional<Tenant> hold(UUID tenant) {
        return givable(tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_READ));
    }

    private static Optional<Tenant> givable(Optional<Tenant> tenant) {
        return tenant.filter(found -> found.state() != TenantState.DELETING);
    }

    private static void refuseIfDeleting(Tenant tenant) {
        if (tenant.state() == TenantState.DELETING) {
            throw new TenantDeletingException();
        }
    }

    /** Returns the time as precisely as the database stores it, so that a page continues exactly where the last one ended. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
