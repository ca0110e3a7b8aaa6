package io.shoal.intake.api;

import io.shoal.intake.tenants.ApiKey;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An API key as lists show it: without its secret. */
record KeyView(
        UUID id,
        String name,

        @Schema(description = "What the key may do: read, write, admin")
        List<String> scopes,

        @Schema(
                nullable = true,
                description = "The label of an app key, which sees only transfers with it; null: the key is none")
        @Nullable
        String label,

        Instant createdAt,

        @Schema(nullable = true, description = "From when on the key is refused; null: never") @Nullable
        Instant expiresAt,

        @Schema(
                nullable = true,
                description = "When the key or one of its sessions was last used, to the minute; null: never")
        @Nullable
        Instant lastUsedAt) {
    static KeyView of(ApiKey key) {
        return new KeyView(
                key.id(),
                key.name(),
                key.scopes().codes(),
                key.label(),
                key.createdAt(),
                key.expiresAt(),
                key.lastUsedAt());
    }
}
