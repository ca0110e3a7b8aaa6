package io.shoal.storage.tenants;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.shoal.contracts.links.LinkToken;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The time before which the links of a tenant are void, in memory. It is kept for the longest life of a link, because older links
 * have expired anyway.
 */
@ApplicationScoped
public class VoidedLinks {
    private final Clock clock = Clock.systemUTC();
    private final Cache<UUID, Instant> voidBefore = Caffeine.newBuilder()
            .expireAfter(Expiry.writing((UUID tenant, Instant before) -> remaining(before)))
            .build();

    private Duration remaining(Instant before) {
        return Duration.between(clock.instant(), before.plus(LinkToken.MAX_LIFETIME));
    }

    /** Links of {@code tenant} that were issued before {@code before} are void; null: no rule makes any of them void. */
    public void set(UUID tenant, @Nullable Instant before) {
        if (before == null || !remaining(before).isPositive()) {
            voidBefore.invalidate(tenant);
        } else {
            voidBefore.put(tenant, before);
        }
    }

    /** Whether {@code link} was issued before the links of its tenant became void. */
    public boolean isVoid(LinkToken link) {
        Instant before = voidBefore.getIfPresent(link.tenant());
        return before != null && link.issued().isBefore(before);
    }
}
