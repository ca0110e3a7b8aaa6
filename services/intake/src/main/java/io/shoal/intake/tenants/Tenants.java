package io.shoal.intake.tenants;

import io.shoal.intake.quotas.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The tenants and their keys. */
@ApplicationScoped
public class Tenants {
    private final TenantRepository tenants;
    private final ApiKeyRepository keys;
    private final Quotas quotas;

    Tenants(TenantRepository tenants, ApiKeyRepository keys, Quotas quotas) {
        this.tenants = tenants;
        this.keys = keys;
        this.quotas = quotas;
    }

    /** A key that was just made: the only time that its text is known. */
    public record NewKey(UUID id, Secret secret, Instant createdAt) {}

    /** A tenant that was just made, with its first key. */
    public record NewTenant(Tenant tenant, NewKey key) {}

    /** Makes a tenant, and its first key. Names need not differ. */
    @Transactional
    public NewTenant create(String name) {
        Tenant tenant = new Tenant(UUID.randomUUID(), name, now());
        tenants.persist(tenant);
        quotas.open(tenant.id());
        return new NewTenant(tenant, newKey(tenant.id()));
    }

    /** Makes a further key of a tenant, if there is this tenant. */
    @Transactional
    public Optional<NewKey> addKey(UUID tenant) {
        return tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_READ).map(found -> newKey(found.id()));
    }

    /** Withdraws a key; whether there was one. */
    @Transactional
    public boolean deleteKey(UUID tenant, UUID key) {
        return keys.delete("id = ?1 and tenant = ?2", key, tenant) == 1;
    }

    /** Whose key {@code secret} is. */
    @Transactional
    public Optional<UUID> holderOf(Secret secret) {
        return keys.find("hash", secret.hash()).firstResultOptional().map(ApiKey::tenant);
    }

    /** Where a page of tenants goes on: after the one that was made then. */
    public record Position(Instant createdAt, UUID id) {}

    /** Up to {@code limit} tenants, newest first. */
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

    /** The keys of these tenants, oldest first. */
    @Transactional
    public List<ApiKey> keysOf(List<Tenant> of) {
        return keys.list(
                "tenant in ?1 order by createdAt, id",
                of.stream().map(Tenant::id).toList());
    }

    /**
     * Inside a transaction: keeps everybody else from giving this tenant anything until the transaction ends. Whether there
     * is this tenant.
     */
    public boolean lock(UUID tenant) {
        return tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_WRITE).isPresent();
    }

    /** Inside a transaction: keeps this tenant from being deleted until it ends. Whether there is this tenant. */
    public boolean hold(UUID tenant) {
        return tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_READ).isPresent();
    }

    /** Inside a transaction: forgets a tenant, who has no transfer any more, and its keys. */
    public void delete(UUID tenant) {
        keys.delete("tenant", tenant);
        tenants.deleteById(tenant);
    }

    private NewKey newKey(UUID tenant) {
        Secret secret = Secret.random();
        ApiKey key = new ApiKey(UUID.randomUUID(), tenant, secret.hash(), now());
        keys.persist(key);
        return new NewKey(key.id(), secret, key.createdAt());
    }

    /** As precise as the database, so that a page goes on exactly where it ended. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
