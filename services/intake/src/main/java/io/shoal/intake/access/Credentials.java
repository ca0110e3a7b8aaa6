package io.shoal.intake.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.intake.tenants.ApiKeys;
import io.shoal.intake.tenants.KeyHolder;
import io.shoal.intake.tenants.KeyRevoked;
import io.shoal.intake.tenants.Secret;
import io.shoal.intake.tenants.SessionEnded;
import io.shoal.intake.tenants.Sessions;
import io.shoal.intake.tenants.TenantStateChanged;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The API keys of tenants and their sessions, cached for 10 seconds, so that a busy key costs one query in this time. A revocation
 * or a new state of a tenant counts at once on the replica that made it, and within 10 seconds on the others; an expiry counts at
 * once. Keys that do not exist are not cached: the limit for each address bounds how often they are looked up.
 */
@ApplicationScoped
public class Credentials {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private final ApiKeys keys;
    private final Sessions sessions;
    private final RequestLimits limits;
    private final Cache<String, Credential> bySecret = cache();
    private final Cache<UUID, Credential> byId = cache();
    private final AtomicLong changes = new AtomicLong();

    Credentials(ApiKeys keys, Sessions sessions, RequestLimits limits) {
        this.keys = keys;
        this.sessions = sessions;
        this.limits = limits;
    }

    private static <K> Cache<K, Credential> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(REMEMBERED)
                .build();
    }

    /** Returns the key or the session, if it was valid in the last 10 seconds; does not query the database. */
    public Optional<Credential> remembered(Secret secret) {
        return cached(bySecret, hash(secret));
    }

    /** Returns the key or the session, if it is valid. */
    public Optional<Credential> find(Secret secret) {
        return find(bySecret, hash(secret), () -> keys.holderOf(secret));
    }

    /** Returns what {@code former} is now, if it is still valid. */
    public Optional<Credential> find(Credential former) {
        UUID session = former.session();
        return find(
                byId, former.id(), () -> session == null ? keys.holderOf(former.key()) : sessions.holderOf(session));
    }

    /** Returns those that are not valid any more, or whose tenant is not active: at most two queries for all, and none is cached. */
    public Set<Credential> ended(Collection<Credential> former) {
        Set<UUID> keyIds = new HashSet<>();
        Set<UUID> sessionIds = new HashSet<>();
        former.forEach(each -> (each.session() == null ? keyIds : sessionIds).add(each.id()));
        Set<UUID> valid = Stream.concat(
                        keys.holdersOf(keyIds).stream().map(KeyHolder::key),
                        sessions.holdersOf(sessionIds).stream().map(KeyHolder::session))
                .collect(Collectors.toSet());
        return former.stream().filter(each -> !valid.contains(each.id())).collect(Collectors.toSet());
    }

    private static <K> Optional<Credential> cached(Cache<K, Credential> cache, K key) {
        return Optional.ofNullable(cache.getIfPresent(key)).filter(credential -> !credential.isExpired(Instant.now()));
    }

    private <K> Optional<Credential> find(Cache<K, Credential> cache, K key, Supplier<Optional<KeyHolder>> load) {
        Optional<Credential> known = cached(cache, key);
        if (known.isPresent()) {
            return known;
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
        return limits.of(holder.tenant()).map(limit -> new Credential(holder, limit));
    }

    private static String hash(Secret secret) {
        return HexFormat.of().formatHex(secret.hash());
    }

    void revoked(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeyRevoked revoked) {
        forget(credential -> credential.key().equals(revoked.key()));
    }

    void ended(@Observes(during = TransactionPhase.AFTER_SUCCESS) SessionEnded ended) {
        forget(credential -> ended.session().equals(credential.session()));
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
