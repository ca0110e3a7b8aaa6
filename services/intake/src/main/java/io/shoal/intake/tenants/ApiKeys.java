package io.shoal.intake.tenants;

import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The API keys of tenants.
 *
 * <p>Invariants: a key that another key makes has none but its scopes and does not outlive it. An app key, which is bound to a
 * label, does not have the scope {@code admin}, so it makes no key. A tenant that manages its keys
 * keeps one that has the scope {@code admin} and has not expired. Both are checked with the tenant's row locked, against the keys as
 * they are then: a replica may still remember a key that was revoked.
 */
@ApplicationScoped
@RetryConflicts
public class ApiKeys {
    private static final String FIRST_NAME = "first key";
    private static final String OPERATORS_NAME = "made by the operator";

    private final ApiKeyRepository keys;
    private final TenantRepository tenants;
    private final Sessions sessions;
    private final Event<KeyRevoked> revocations;
    private final AuditLog audit;
    private final int most;

    ApiKeys(
            ApiKeyRepository keys,
            TenantRepository tenants,
            Sessions sessions,
            Event<KeyRevoked> revocations,
            AuditLog audit,
            @ConfigProperty(name = "shoal.api-keys") int most) {
        this.keys = keys;
        this.tenants = tenants;
        this.sessions = sessions;
        this.revocations = revocations;
        this.audit = audit;
        this.most = most;
    }

    /** A new key: the only time that its secret is known. */
    public record NewKey(ApiKey key, Secret secret) {}

    /** What became of a request to make a key. */
    public sealed interface Creation {
        /** The key was made. */
        record Created(NewKey key) implements Creation {}

        /** The key that asks has not this scope, so it cannot give it. */
        record ScopeMissing(Scope scope) implements Creation {}

        /** The key that asks expires earlier, at this time. */
        record OutlivesMaker(Instant expiresAt) implements Creation {}

        /** The tenant has as many keys as it may have. */
        record TooMany() implements Creation {}

        /** The key or the session that asks is not valid any more, or its tenant is not active. */
        record MakerGone() implements Creation {}
    }

    /** What became of a request to revoke a key. */
    public enum Revocation {
        REVOKED,
        /** The tenant has no such key. */
        UNKNOWN,
        /** No valid key with the scope {@code admin} would be left. */
        LAST_ADMIN,
        /** The key or the session that asks is not valid any more, or its tenant is not active. */
        REVOKER_GONE
    }

    /** Inside the transaction that creates the tenant: its first key, with all scopes. */
    NewKey createFirst(UUID tenant) {
        return add(tenant, FIRST_NAME, Scopes.ALL, null, null);
    }

    /**
     * Creates a key with all scopes, for the operator. Empty if the tenant does not exist.
     *
     * @throws TenantDeletingException the tenant is being deleted
     * @throws TooManyKeysException the tenant has as many keys as it may have
     */
    @Transactional
    public Optional<NewKey> createByOperator(UUID tenant) {
        return tenants.findByIdOptional(tenant, LockModeType.PESSIMISTIC_WRITE).map(found -> {
            if (found.state() == TenantState.DELETING) {
                throw new TenantDeletingException();
            }
            if (keys.count("tenant", tenant) >= most) {
                throw new TooManyKeysException();
            }
            return add(tenant, OPERATORS_NAME, Scopes.ALL, null, null);
        });
    }

    /**
     * Creates a key for a tenant's request.
     *
     * @param label of an app key, which must not have the scope {@code admin}; null: the new key is none
     * @param expiresAt null: the new key expires with the key that asks, or never
     */
    @Transactional
    public Creation create(
            KeyUser maker, String name, Scopes scopes, @Nullable String label, @Nullable Instant expiresAt) {
        if (label != null && scopes.has(Scope.ADMIN)) {
            throw new IllegalArgumentException("an app key must not have the scope admin");
        }
        Optional<ApiKey> found = lockAndFind(maker);
        if (found.isEmpty()) {
            return new Creation.MakerGone();
        }
        ApiKey own = found.get();
        Optional<Scope> missing = own.scopes().missingOf(scopes);
        if (missing.isPresent()) {
            return new Creation.ScopeMissing(missing.get());
        }
        Instant limit = own.expiresAt();
        if (limit != null && expiresAt != null && expiresAt.isAfter(limit)) {
            return new Creation.OutlivesMaker(limit);
        }
        if (keys.count("tenant", maker.tenant()) >= most) {
            return new Creation.TooMany();
        }
        return new Creation.Created(add(maker.tenant(), name, scopes, label, expiresAt == null ? limit : expiresAt));
    }

    /** Revokes a key for a tenant's request; a key may revoke itself. */
    @Transactional
    public Revocation revoke(KeyUser revoker, UUID key) {
        if (lockAndFind(revoker).isEmpty()) {
            return Revocation.REVOKER_GONE;
        }
        List<ApiKey> all = of(revoker.tenant());
        if (all.stream().noneMatch(each -> each.id().equals(key))) {
            return Revocation.UNKNOWN;
        }
        Instant now = Instant.now();
        boolean adminStays = all.stream()
                .filter(each -> !each.id().equals(key))
                .anyMatch(each -> each.scopes().has(Scope.ADMIN) && !each.isExpired(now));
        if (!adminStays) {
            return Revocation.LAST_ADMIN;
        }
        revokeByOperator(revoker.tenant(), key);
        return Revocation.REVOKED;
    }

    /** Revokes a key, whichever are left; returns whether the tenant had it. */
    @Transactional
    public boolean revokeByOperator(UUID tenant, UUID key) {
        boolean deleted = keys.delete("id = ?1 and tenant = ?2", key, tenant) == 1; // its sessions go with its row
        if (deleted) {
            audit.write(AuditAction.KEY_REVOKED, tenant, key, null);
            revocations.fire(new KeyRevoked(key));
        }
        return deleted;
    }

    /** Inside the transaction that deletes the tenant: revokes all its keys. */
    void revokeAll(UUID tenant) {
        keys.delete("tenant", tenant);
    }

    /** Keeps the tenant's keys as they are until the transaction ends; returns the key that asks, if it and its session are valid. */
    private Optional<ApiKey> lockAndFind(KeyUser user) {
        return tenants.findByIdOptional(user.tenant(), LockModeType.PESSIMISTIC_WRITE)
                .filter(tenant -> tenant.state() == TenantState.ACTIVE)
                .filter(tenant -> user.session() == null || sessions.isValid(user.session()))
                .flatMap(tenant -> keys.findByIdOptional(user.key()))
                .filter(key -> !key.isExpired(Instant.now()));
    }

    /** Returns the keys of a tenant, oldest first; those that have expired are among them. */
    @Transactional
    public List<ApiKey> of(UUID tenant) {
        return of(List.of(tenant));
    }

    /** Returns the keys of these tenants, oldest first. */
    @Transactional
    public List<ApiKey> of(List<UUID> of) {
        return keys.list("tenant in ?1 order by createdAt, id", of);
    }

    /** Returns the key with this id. */
    @Transactional
    public Optional<ApiKey> find(UUID key) {
        return keys.findByIdOptional(key);
    }

    /** Returns the holder of the key, or of the session, that {@code secret} is, if it is valid. */
    @Transactional
    public Optional<KeyHolder> holderOf(Secret secret) {
        return secret.isSession() ? sessions.holderOf(secret) : holder("k.hash = :id", secret.hash());
    }

    /** Returns the holder of the key with this id, if it is valid. */
    @Transactional
    public Optional<KeyHolder> holderOf(UUID key) {
        return holder("k.id = :id", key);
    }

    /** Returns the holders of those of these keys that are valid and whose tenants are active. */
    @Transactional
    public List<KeyHolder> holdersOf(Set<UUID> of) {
        return of.isEmpty()
                ? List.of()
                : holders("t.state = io.shoal.intake.tenants.TenantState.ACTIVE and k.id in :id", of)
                        .toList();
    }

    private Optional<KeyHolder> holder(String which, Object id) {
        return holders(which, id).findFirst();
    }

    private Stream<KeyHolder> holders(String which, Object id) {
        return keys.getEntityManager()
                .createQuery(
                        "select new io.shoal.intake.tenants.KeyHolder(k.id, null, k.tenant, t.state, k.scopes, k.label, k.expiresAt)"
                                + " from ApiKey k join Tenant t on t.id = k.tenant"
                                + " where (k.expiresAt is null or k.expiresAt > :now) and "
                                + which,
                        KeyHolder.class)
                .setParameter("now", Instant.now())
                .setParameter("id", id)
                .getResultStream();
    }

    private NewKey add(UUID tenant, String name, Scopes scopes, @Nullable String label, @Nullable Instant expiresAt) {
        Secret secret = Secret.randomKey();
        // As precise as the database, so that keys are listed in the order of their creation.
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        ApiKey key = new ApiKey(tenant, secret.hash(), name, scopes, label, now, expiresAt);
        keys.persist(key);
        String bound = label == null ? "" : ", label " + label;
        String until = expiresAt == null ? "" : ", until " + expiresAt;
        audit.write(
                AuditAction.KEY_CREATED,
                tenant,
                key.id(),
                name + ": " + String.join(" ", scopes.codes()) + bound + until);
        return new NewKey(key, secret);
    }
}
