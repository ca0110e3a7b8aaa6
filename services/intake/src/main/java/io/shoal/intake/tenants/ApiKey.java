package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** One API key of a tenant. Only its SHA-256 is stored; the key itself is known to its holder alone. */
@Entity
@Table(name = "api_key")
public class ApiKey {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "hash")
    private byte[] hash;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected ApiKey() {}

    ApiKey(UUID id, UUID tenant, byte[] hash, Instant createdAt) {
        this.id = id;
        this.tenant = tenant;
        this.hash = hash.clone();
        this.createdAt = createdAt;
    }

    public UUID id() {
        return id;
    }

    public UUID tenant() {
        return tenant;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
