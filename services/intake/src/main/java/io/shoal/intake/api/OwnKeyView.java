package io.shoal.intake.api;

import io.shoal.intake.tenants.ApiKey;
import io.shoal.intake.tenants.ApiSession;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a request was authenticated with, as its sender sees it. */
@Schema(name = "OwnKey", description = "The key that is sent, or whose session is")
record OwnKeyView(
        UUID id,
        String name,

        @Schema(description = "What may be done with it: read, write, admin")
        List<String> scopes,

        @Schema(
                nullable = true,
                description = "The label of an app key, which sees only transfers with it; null: the key is none")
        @Nullable
        String label,

        Instant createdAt,

        @Schema(nullable = true, description = "From when on the key is refused; null: never") @Nullable
        Instant expiresAt,

        @Schema(nullable = true, description = "The session that is sent; null: the key itself is") @Nullable
        OwnSession session) {

    @Schema(name = "OwnSession")
    record OwnSession(
            UUID id,
            Instant createdAt,

            @Schema(description = "When the session ends if it is not used again")
            Instant expiresAt) {}

    static OwnKeyView of(ApiKey key, @Nullable ApiSession session) {
        return new OwnKeyView(
                key.id(),
                key.name(),
                key.scopes().codes(),
                key.label(),
                key.createdAt(),
                key.expiresAt(),
                session == null ? null : new OwnSession(session.id(), session.createdAt(), session.expiresAt()));
    }
}
