package io.shoal.intake.tenants;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tenant that holds an API key, as it was when the key or one of its sessions was looked up.
 *
 * @param session the session that was looked up; null: the key itself was
 * @param label of an app key, which sees and changes only the transfers that have it; null: the key is none
 * @param expiresAt when the key or the session expires, however much it is used; null: never
 */
public record KeyHolder(
        UUID key,
        @Nullable UUID session,
        UUID tenant,
        TenantState state,
        Scopes scopes,
        @Nullable String label,
        @Nullable Instant expiresAt) {}
