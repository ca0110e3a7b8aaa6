package io.shoal.intake.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.intake.tenants.KeyHolder;
import io.shoal.intake.tenants.KeyRevoked;
import io.shoal.intake.tenants.Secret;
import io.shoal.intake.tenants.TenantStateChanged;
import io.shoal.intake.tenants.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The API keys of tenants, cached for 10 seconds, so that a busy key costs one query in this time. A revocation or a new
 * state of a tenant counts at once on the replica that made it, and within 10 seconds on the others. Keys that do not exist are
 * not cached: the limit for each address bounds how often they are looked up.
 */
@ApplicationScoped
public class Credentials {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private final Tenants tenants;
    private final RequestLimits limits;
    private final Cache<String, Credential> bySecret = cache();
    private final Cache<UUID, Credential> byId = cache();
    private final AtomicLong changes = new AtomicLong();

    Credentials(Tenants tenants, RequestLimits limits) {
        this.tenants = tenants;
        this.limits = limits;
    }

    private static <K> Cache<K, Credential> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(REMEMBERED)
                .build();
    }

    /** Returns the key, if it was valid in the last 10 seconds; does not query the database. */
    public Optional<Credential> remembered(Secret secret) {
        return Optional.ofNullable(bySecret.getIfPresent(hash(secret)));
    }

    /** Returns the key, if it is valid. */
    public Optional<Credential> find(Secret secret) {
        return find(bySecret, hash(secret), () -> tenants.holderOf(secret));
    }

    /** Returns the key with this id, if it is still valid. */
    public Optional<Credential> find(UUID key) {
        return find(byId, key, () -> tenants.holderOf(key));
    }

    private <K> Optional<Credential> find(Cache<K, Credential> cache, K key, Supplier<Optional<KeyHolder>> load) {
        Credential known = cache.getIfPresent(key);
        if (known != null) {
            return Optional.of(known);
        }
        long before = changes.get();
        Optional<Credential> found = load.get().flatMap(this::credential);
        found.ifPresent(credential -> {
            cache.put(key, credential);
            if (changes.get() != before) {
                cache.invalidate(key); // it may have been read before a change, and put after the change was made known
            }
        });
        return found;
    }

    private Optional<Credential> credential(KeyHolder holder) {
        return limits.of(holder.tenant())
                .map(limit -> new Credential(holder.key(), holder.tenant(), holder.state(), limit));
    }

    private static String hash(Secret secret) {
        return HexFormat.of().formatHex(secret.hash());
    }

    void revoked(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeyRevoked revoked) {
        forget(credential -> credential.key().equals(revoked.key()));
    }

    void stateChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) TenantStateChanged changed) {
        forget(credential -> credential.tenant().equals(changed.tenant()));
    }

    private void forget(Predicate<Credential> which) {
        changes.incrementAndGet();
        bySecret.asMap().values().removeIf(which);
        byId.asMap().values().removeIf(which);
    }
}
