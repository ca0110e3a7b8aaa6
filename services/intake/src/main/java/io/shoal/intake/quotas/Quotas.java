package io.shoal.intake.quotas;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.Tuple;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;

/**
 * The limits of every tenant, and the reservations within them. A reservation is part of the transaction that uses it, so at any
 * moment the reserved amount is the sum over the tenant's transfers, and never over the limit unless the limit was lowered.
 *
 * <p>All methods must be called inside a transaction. Reserving locks the tenant's row until the transaction ends; it is the last lock
 * that a transaction takes, after its torrent and its transfers.
 */
@ApplicationScoped
public class Quotas {
    private static final String USAGE = """
            select stored_bytes, transfers, active_downloads, resolving, requests_per_second, request_burst, down_rate, up_rate,
                   used_bytes, used_transfers,
                   (select count(*) from transfer t where t.tenant_id = q.tenant_id and t.slot) as active,
                   (select count(*) from transfer t where t.tenant_id = q.tenant_id and t.queued_since is not null) as queued,
                   (select count(*) from transfer t where t.tenant_id = q.tenant_id and t.state = 'RESOLVING') as searching
              from tenant_quota q where tenant_id = :tenant
            """;

    private static final String RESERVE = """
            update tenant_quota set used_bytes = used_bytes + :bytes
             where tenant_id = :tenant and (:bytes = 0 or :bytes <= stored_bytes - used_bytes)
            returning 1
            """;

    private static final String ADMIT = """
            update tenant_quota
               set used_bytes = used_bytes + :bytes, used_transfers = used_transfers + 1, last_number = last_number + 1,
                   queue_last = queue_last + 1
             where tenant_id = :tenant
               and (:bytes = 0 or :bytes <= stored_bytes - used_bytes)
               and used_transfers < transfers
            returning suspended, last_number, queue_last
            """;

    private final Session database;
    private final QuotaSettings defaults;
    private final Event<QuotaFreed> freed;

    Quotas(Session database, QuotaSettings defaults, Event<QuotaFreed> freed) {
        this.database = database;
        this.defaults = defaults;
        this.freed = freed;
    }

    /** Gives a new tenant the limits that are configured for new tenants. */
    public void open(UUID tenant) {
        QuotaLimits limits = defaults.limits();
        database.createNativeMutationQuery(
                        "insert into tenant_quota (tenant_id, stored_bytes, transfers, active_downloads,"
                                + " resolving, requests_per_second, request_burst, down_rate, up_rate)"
                                + " values (:tenant, :bytes, :transfers, :active, :resolving, :rate, :burst, :down, :up)")
                .setParameter("tenant", tenant)
                .setParameter("bytes", limits.storedBytes())
                .setParameter("transfers", limits.transfers())
                .setParameter("active", limits.activeDownloads())
                .setParameter("resolving", limits.resolving())
                .setParameter("rate", limits.requestsPerSecond())
                .setParameter("burst", limits.requestBurst())
                .setParameter("down", limits.downRate())
                .setParameter("up", limits.upRate())
                .executeUpdate();
    }

    /** Returns the tenant's limits and usage, if the tenant exists. */
    public Optional<Quota> of(UUID tenant) {
        List<Tuple> found = database.createNativeQuery(USAGE, Tuple.class)
                .setParameter("tenant", tenant)
                .getResultList();
        return found.stream().map(Quotas::quota).findFirst();
    }

    private static Quota quota(Tuple row) {
        return new Quota(
                new QuotaLimits(
                        number(row, "stored_bytes"),
                        number(row, "transfers"),
                        (int) number(row, "active_downloads"),
                        (int) number(row, "resolving"),
                        (int) number(row, "requests_per_second"),
                        (int) number(row, "request_burst"),
                        number(row, "down_rate"),
                        number(row, "up_rate")),
                new QuotaUsage(
                        number(row, "used_bytes"),
                        number(row, "used_transfers"),
                        number(row, "active"),
                        number(row, "queued"),
                        number(row, "searching")));
    }

    private static long number(Tuple row, String column) {
        return ((Number) row.get(column)).longValue();
    }

    /** Sets the limits of a tenant; returns whether the tenant exists. Usage over a lower limit stays. */
    public boolean set(UUID tenant, QuotaLimits limits) {
        int changed = database.createNativeMutationQuery(
                        "update tenant_quota set stored_bytes = :bytes, transfers = :transfers,"
                                + " active_downloads = :active, resolving = :resolving, requests_per_second = :rate,"
                                + " request_burst = :burst, down_rate = :down, up_rate = :up where tenant_id = :tenant")
                .setParameter("tenant", tenant)
                .setParameter("bytes", limits.storedBytes())
                .setParameter("transfers", limits.transfers())
                .setParameter("active", limits.activeDownloads())
                .setParameter("resolving", limits.resolving())
                .setParameter("rate", limits.requestsPerSecond())
                .setParameter("burst", limits.requestBurst())
                .setParameter("down", limits.downRate())
                .setParameter("up", limits.upRate())
                .executeUpdate();
        freed.fire(new QuotaFreed(tenant));
        return changed == 1;
    }

    /**
     * A further transfer of a tenant.
     *
     * @param suspended whether the tenant is suspended: the transfer is blocked
     * @param number the transfer's number, which no other transfer of the tenant ever has
     * @param rank its place in the download queue, after all others
     */
    public record Admission(boolean suspended, int number, long rank) {}

    /**
     * Reserves room for a further transfer, and {@code bytes} for its files.
     *
     * @throws QuotaExceededException if there is no room
     */
    public Admission admit(UUID tenant, long bytes) {
        List<Tuple> admitted = database.createNativeQuery(ADMIT, Tuple.class)
                .setParameter("tenant", tenant)
                .setParameter("bytes", bytes)
                .getResultList();
        return admitted.stream()
                .map(row -> new Admission(
                        (Boolean) row.get(0), ((Number) row.get(1)).intValue(), ((Number) row.get(2)).longValue()))
                .findFirst()
                .orElseThrow(() -> exceeded(tenant, 1, bytes));
    }

    /**
     * Reserves room for {@code bytes} further bytes.
     *
     * @throws QuotaExceededException if there is no room
     */
    public void reserve(UUID tenant, long bytes) {
        if (!tryReserve(tenant, bytes)) {
            throw exceeded(tenant, 0, bytes);
        }
    }

    /** As {@link #reserve}; returns whether there was room. */
    public boolean tryReserve(UUID tenant, long bytes) {
        return !database.createNativeQuery(RESERVE, Integer.class)
                .setParameter("tenant", tenant)
                .setParameter("bytes", bytes)
                .getResultList()
                .isEmpty();
    }

    /** Throws what {@link #admit}, or {@link #reserve} if there are no {@code transfers}, would throw now; reserves nothing. */
    public void check(UUID tenant, int transfers, long bytes) {
        of(tenant).ifPresent(quota -> check(quota, transfers, bytes));
    }

    private QuotaExceededException exceeded(UUID tenant, int transfers, long bytes) {
        Quota quota = of(tenant).orElseThrow(() -> new IllegalStateException("tenant " + tenant + " has no quota"));
        check(quota, transfers, bytes);
        // Room was made between the two statements: the refusal stands, and the next attempt has room.
        return new QuotaExceededException(
                QuotaKind.STORED_BYTES,
                quota.limits().storedBytes(),
                quota.usage().storedBytes(),
                bytes);
    }

    private static void check(Quota quota, int transfers, long bytes) {
        QuotaLimits limits = quota.limits();
        QuotaUsage usage = quota.usage();
        if (transfers > 0 && transfers > limits.transfers() - usage.transfers()) {
            throw new QuotaExceededException(QuotaKind.TRANSFERS, limits.transfers(), usage.transfers(), transfers);
        }
        if (bytes > 0 && bytes > limits.storedBytes() - usage.storedBytes()) {
            throw new QuotaExceededException(QuotaKind.STORED_BYTES, limits.storedBytes(), usage.storedBytes(), bytes);
        }
    }

    /**
     * Checks that one more magnet may be resolved. The caller changes the transfer's state in the same transaction.
     *
     * @throws QuotaExceededException if the tenant has as many searches as it may
     */
    public void reserveSearch(UUID tenant) {
        lock(tenant);
        Quota quota = of(tenant).orElseThrow(() -> new IllegalStateException("tenant " + tenant + " has no quota"));
        if (quota.usage().resolving() >= quota.limits().resolving()) {
            throw new QuotaExceededException(
                    QuotaKind.RESOLVING,
                    quota.limits().resolving(),
                    quota.usage().resolving(),
                    1);
        }
    }

    /** Returns what was reserved. */
    public void release(UUID tenant, int transfers, long bytes) {
        database.createNativeMutationQuery("update tenant_quota set used_bytes = used_bytes - :bytes,"
                        + " used_transfers = used_transfers - :transfers where tenant_id = :tenant")
                .setParameter("tenant", tenant)
                .setParameter("bytes", bytes)
                .setParameter("transfers", transfers)
                .executeUpdate();
        freed.fire(new QuotaFreed(tenant));
    }

    /**
     * Whether a tenant's transfers must be blocked.
     *
     * @param suspended whether they must be blocked
     * @param changes how often that has changed: the same answer after two changes is another suspension
     */
    public record Suspended(UUID tenant, boolean suspended, long changes) {}

    /** Notes whether the tenant's transfers must be blocked from now on. */
    public void suspend(UUID tenant, boolean suspend) {
        database.createNativeMutationQuery("update tenant_quota set suspended = :suspend, suspension_swept = false,"
                        + " suspension_changes = suspension_changes + 1"
                        + " where tenant_id = :tenant and suspended <> :suspend")
                .setParameter("tenant", tenant)
                .setParameter("suspend", suspend)
                .executeUpdate();
    }

    /** Returns a tenant that may have transfers that do not follow its suspension yet. */
    public Optional<Suspended> unsweptSuspension() {
        List<Tuple> found = database.createNativeQuery(
                        "select tenant_id, suspended, suspension_changes from tenant_quota"
                                + " where not suspension_swept limit 1",
                        Tuple.class)
                .getResultList();
        return found.stream()
                .map(row -> new Suspended((UUID) row.get(0), (Boolean) row.get(1), ((Number) row.get(2)).longValue()))
                .findFirst();
    }

    /** Notes that all transfers follow {@code done}, unless the suspension has changed since, even if it was changed back. */
    public void suspensionSwept(Suspended done) {
        database.createNativeMutationQuery("update tenant_quota set suspension_swept = true"
                        + " where tenant_id = :tenant and suspension_changes = :changes")
                .setParameter("tenant", done.tenant())
                .setParameter("changes", done.changes())
                .executeUpdate();
    }

    /** Announces, once this commits, that transfers that wait for the tenant's quota may fit now. */
    public void mayHaveRoom(UUID tenant) {
        freed.fire(new QuotaFreed(tenant));
    }

    /**
     * Returns the transfer of this tenant that waits longest among those for which there is room; empty if there is none, or if the
     * tenant is suspended or being deleted.
     */
    public Optional<UUID> nextWithRoom(UUID tenant, Collection<UUID> tried) {
        List<UUID> found = database.createNativeQuery(
                        "select t.id from transfer t join tenant_quota q on q.tenant_id = t.tenant_id"
                                + " join tenant n on n.id = t.tenant_id and n.state = 'ACTIVE' and not q.suspended"
                                + " where t.tenant_id = :tenant and t.blocked = 'QUOTA' and t.metadata_kept"
                                + " and (t.needed_bytes = 0 or t.needed_bytes <= q.stored_bytes - q.used_bytes)"
                                + " and not t.id = any(cast(:tried as uuid[]))"
                                + " order by t.created_at, t.id limit 1",
                        UUID.class)
                .setParameter("tenant", tenant)
                .setParameter("tried", tried.toArray(UUID[]::new))
                .getResultList();
        return found.stream().findFirst();
    }

    /** Some tenants with a transfer for which there is room, those after {@code after}, in the order of their ids. */
    public List<UUID> tenantsWithRoom(UUID after, int most) {
        return database.createNativeQuery(
                        "select distinct t.tenant_id from transfer t join tenant_quota q on q.tenant_id = t.tenant_id"
                                + " where t.blocked = 'QUOTA' and t.metadata_kept and t.tenant_id > :after"
                                + " and (t.needed_bytes = 0 or t.needed_bytes <= q.stored_bytes - q.used_bytes)"
                                + " order by t.tenant_id limit :most",
                        UUID.class)
                .setParameter("after", after)
                .setParameter("most", most)
                .getResultList();
    }

    /** Inside a transaction: as {@link #of}; no other transaction changes it until this one ends. */
    public Optional<Quota> lockAndGet(UUID tenant) {
        lock(tenant);
        return of(tenant);
    }

    /** Keeps other transactions from reserving within this tenant's limits until this one ends. */
    private void lock(UUID tenant) {
        database.createNativeQuery(
                        "select 1 from tenant_quota where tenant_id = :tenant for no key update", Integer.class)
                .setParameter("tenant", tenant)
                .getResultList();
    }
}
