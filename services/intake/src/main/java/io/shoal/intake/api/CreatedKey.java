package io.shoal.intake.api;

import io.shoal.intake.tenants.ApiKey;
import io.shoal.intake.tenants.ApiKeys;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The answer to a request that made an API key. */
@Schema(description = "A new key; its secret, key, is shown only once")
record CreatedKey(
        UUID id,
        String key,
        String name,
        @Schema(description = "Some of read, write, admin") List<String> scopes,
        @Schema(nullable = true) @Nullable String label,
        Instant createdAt,
        @Schema(nullable = true) @Nullable Instant expiresAt) {
    static CreatedKey of(ApiKeys.NewKey made) {
        ApiKey key = made.key();
        return new CreatedKey(
                key.id(),
                made.secret().text(),
                key.name(),
                key.scopes().codes(),
                key.label(),
                key.createdAt(),
                key.expiresAt());
    }
}
