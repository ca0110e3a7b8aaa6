package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One API key of a tenant. Only its SHA-256 is stored; the key itself is known to its holder alone. Its name, scopes,
 * label and expiry never change.
 */
@Entity
@Table(name = "api_key")
public class ApiKey {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "hash")
    private byte[] hash;

    @Column(name = "name")
    private String name;

    @Column(name = "scopes")
    private Scopes scopes;

    @Column(name = "label")
    private @Nullable String label;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "expires_at")
    private @Nullable Instant expiresAt;

    // Written by LastUses, and only read here.
    @Column(name = "last_used_at", insertable = false, updatable = false)
    private @Nullable Instant lastUsedAt;

    /** For Hibernate. */
    protected ApiKey() {}

    ApiKey(
            UUID tenant,
            byte[] hash,
            String name,
            Scopes scopes,
            @Nullable String label,
            Instant createdAt,
            @Nullable Instant expiresAt) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.hash = hash.clone();
        this.name = name;
        this.scopes = scopes;
        this.label = label;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
    }

    public UUID id() {
        return id;
    }

    public UUID tenant() {
        return tenant;
    }

    public String name() {
        return name;
    }

    public Scopes scopes() {
        return scopes;
    }

    /** Returns the label that an app key is bound to; null: the key is none. */
    public @Nullable String label() {
        return label;
    }

    public Instant createdAt() {
        return createdAt;
    }

    /** Returns the time from which the key is refused; null: it is never. */
    public @Nullable Instant expiresAt() {
        return expiresAt;
    }

    /** Returns when the key was last used, to the minute; null: never. */
    public @Nullable Instant lastUsedAt() {
        return lastUsedAt;
    }

    /** Returns whether the key has expired. */
    boolean isExpired(Instant now) {
        return expiresAt != null && !expiresAt.isAfter(now);
    }
}
