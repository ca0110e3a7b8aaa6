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
 * The holders of API keys, remembered for 10 seconds, so that a busy key costs one query in this time. A revocation or a new
 * state of a tenant counts at once on the replica that made it, and within 10 seconds on the others. Keys that do not exist are
 * not remembered: the limit for each address bounds how often they are looked up.
 */
@ApplicationScoped
public class Credentials {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private final Tenants tenants;
    private final Cache<String, KeyHolder> bySecret = cache();
    private final Cache<UUID, KeyHolder> byId = cache();
    private final AtomicLong changes = new AtomicLong();

    Credentials(Tenants tenants) {
        this.tenants = tenants;
    }

    private static <K> Cache<K, KeyHolder> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(REMEMBERED)
                .build();
    }

    /** Returns the holder of a key. */
    public Optional<KeyHolder> holderOf(Secret secret) {
        return find(bySecret, hash(secret), () -> tenants.holderOf(secret));
    }

    /** Returns the holder of the key with this id, which was valid a while ago. */
    public Optional<KeyHolder> holderOf(UUID key) {
        return find(byId, key, () -> tenants.holderOf(key));
    }

    private <K> Optional<KeyHolder> find(Cache<K, KeyHolder> cache, K key, Supplier<Optional<KeyHolder>> load) {
        KeyHolder known = cache.getIfPresent(key);
        if (known != null) {
            return Optional.of(known);
        }
        long before = changes.get();
        Optional<KeyHolder> found = load.get();
        found.ifPresent(holder -> {
            cache.put(key, holder);
            if (changes.get() != before) {
                cache.invalidate(
                        key); // it may have been read before the change, and put after the change had been made known
            }
        });
        return found;
    }

    private static String hash(Secret secret) {
        return HexFormat.of().formatHex(secret.hash());
    }

    void revoked(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeyRevoked revoked) {
        forget(holder -> holder.key().equals(revoked.key()));
    }

    void stateChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) TenantStateChanged changed) {
        forget(holder -> holder.tenant().equals(changed.tenant()));
    }

    private void forget(Predicate<KeyHolder> which) {
        changes.incrementAndGet();
        bySecret.asMap().values().removeIf(which);
        byId.asMap().values().removeIf(which);
    }
}
