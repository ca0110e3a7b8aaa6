package io.shoal.intake.torrents;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says who owns the content of a transfer, and so to which torrent it belongs. This is the one place that knows.
 *
 * <p>Public content belongs to the pool that the tenant was in when it added the transfer. Private content (BEP 27), and content
 * that the tenant says is private, is the tenant's own: nothing of it is shared.
 */
public final class Owners {
    private Owners() {}

    /**
     * Returns the owner of what {@code tenant} added.
     *
     * @param pool the tenant's pool when it was added; null if it was in none
     * @param isPrivate whether the metadata or the tenant says so
     */
    public static Owner of(UUID tenant, @Nullable UUID pool, boolean isPrivate) {
        return pool == null || isPrivate ? own(tenant) : new Owner.OfPool(pool);
    }

    /** Returns the owner of what {@code tenant} shares with no other tenant. */
    public static Owner own(UUID tenant) {
        return new Owner.OfTenant(tenant);
    }
}
