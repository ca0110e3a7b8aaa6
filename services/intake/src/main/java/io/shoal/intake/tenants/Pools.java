package io.shoal.intake.tenants;

import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.audit.FieldChanges;
import io.shoal.intake.torrents.Owner;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transactions.RetryConflicts;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The pools, and which tenant is in which. A tenant's pool decides who owns what the tenant adds from then on; what it has already
 * stays where it is. A pool exists as long as anything belongs to it.
 */
@ApplicationScoped
@RetryConflicts
public class Pools {
    private final PoolRepository pools;
    private final TenantRepository tenants;
    private final Transfers transfers;
    private final Torrents torrents;
    private final AuditLog audit;

    Pools(PoolRepository pools, TenantRepository tenants, Transfers transfers, Torrents torrents, AuditLog audit) {
        this.pools = pools;
        this.tenants = tenants;
        this.transfers = transfers;
        this.torrents = torrents;
        this.audit = audit;
    }

    /** Creates a pool. Names need not be unique. */
    @Transactional
    public Pool create(String name) {
        Pool pool = new Pool(UUID.randomUUID(), name, Instant.now().truncatedTo(ChronoUnit.MICROS));
        pools.persist(pool);
        audit.write(AuditAction.POOL_CREATED, pool.id(), name);
        return pool;
    }

    /** Returns the pool, if it exists. */
    @Transactional
    public Optional<Pool> find(UUID pool) {
        return pools.findByIdOptional(pool);
    }

    /** Where a page of pools continues: after the pool that was created then. */
    public record Position(Instant createdAt, UUID id) {}

    /** Returns up to {@code limit} pools, newest first. */
    @Transactional
    public List<Pool> page(@Nullable Position after, int limit) {
        return (after == null
                        ? pools.find("order by createdAt desc, id desc")
                        : pools.find(
                                "(createdAt, id) < (?1, ?2) order by createdAt desc, id desc",
                                after.createdAt,
                                after.id))
                .page(0, limit)
                .list();
    }

    /** Returns how many tenants are in each of these pools; those without a tenant are left out. */
    @Transactional
    public Map<UUID, Long> tenantsOf(List<Pool> of) {
        Map<UUID, Long> counts = new HashMap<>();
        tenants.getEntityManager()
                .createQuery("select pool, count(*) from Tenant where pool in :pools group by pool", Object[].class)
                .setParameter("pools", of.stream().map(Pool::id).toList())
                .getResultList()
                .forEach(row -> counts.put((UUID) row[0], (Long) row[1]));
        return counts;
    }

    /**
     * Sets the rates of a pool; empty if it does not exist. Its torrents follow within seconds.
     *
     * @param down bytes per second that its torrents may receive, 0 for no limit; null: as before
     * @param up bytes per second that its torrents may send, 0 for no limit; null: as before
     */
    @Transactional
    public Optional<Pool> setRates(UUID id, @Nullable Long down, @Nullable Long up) {
        Optional<Pool> found = pools.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
        found.ifPresent(pool -> {
            long newDown = Objects.requireNonNullElse(down, pool.downRate());
            long newUp = Objects.requireNonNullElse(up, pool.upRate());
            FieldChanges changes = new FieldChanges()
                    .field("downRate", pool.downRate(), newDown)
                    .field("upRate", pool.upRate(), newUp);
            if (!changes.isEmpty()) {
                pool.setRates(newDown, newUp);
                audit.write(AuditAction.POOL_RATES_CHANGED, id, changes.toString());
            }
        });
        return found;
    }

    /**
     * Deletes a pool; returns whether it existed.
     *
     * @throws PoolInUseException a tenant is in it, or content belongs to it
     */
    @Transactional
    public boolean delete(UUID id) {
        Optional<Pool> found = pools.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
        found.ifPresent(pool -> {
            boolean used =
                    tenants.count("pool", id) > 0 || transfers.hasAnyOf(id) || torrents.hasAnyOf(new Owner.OfPool(id));
            if (used) {
                throw new PoolInUseException();
            }
            pools.delete(pool);
            audit.write(AuditAction.POOL_DELETED, id, pool.name());
        });
        return found.isPresent();
    }

    /**
     * Which pool a tenant is in now.
     *
     * @param staying transfers of the tenant that stay with the torrent that they have, although they would share, or not share,
     *     another one if they were added now
     */
    public record Membership(@Nullable UUID pool, long staying) {}

    /**
     * Puts a tenant into a pool, or takes it out. Empty if the tenant does not exist.
     *
     * @param pool null: into none
     * @throws NoSuchPoolException the pool does not exist
     * @throws TenantDeletingException the tenant is being deleted
     */
    @Transactional
    public Optional<Membership> assign(UUID id, @Nullable UUID pool) {
        Optional<Tenant> found = tenants.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
        return found.map(tenant -> {
            if (tenant.state() == TenantState.DELETING) {
                throw new TenantDeletingException();
            }
            join(tenant, pool);
            return new Membership(pool, transfers.countStaying(id, pool));
        });
    }

    /**
     * Inside a transaction that has created or locked the tenant.
     *
     * @throws NoSuchPoolException the pool does not exist
     */
    void join(Tenant tenant, @Nullable UUID pool) {
        if (pool != null
                && pools.findByIdOptional(pool, LockModeType.PESSIMISTIC_READ).isEmpty()) {
            throw new NoSuchPoolException();
        }
        if (!Objects.equals(tenant.pool(), pool)) {
            FieldChanges changes = new FieldChanges().field("pool", tenant.pool(), pool);
            tenant.enter(pool);
            audit.write(AuditAction.TENANT_POOL_CHANGED, tenant.id(), tenant.id(), changes.toString());
        }
    }
}
