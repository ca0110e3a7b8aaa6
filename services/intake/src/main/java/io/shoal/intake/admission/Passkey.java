package io.shoal.intake.admission;

import io.shoal.contracts.PasskeyHash;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One user's access to the private torrents of their tenant. Only the hash of the passkey is stored; its holder alone knows it. */
@Entity
@Table(name = "passkey")
public class Passkey {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "name")
    private String name;

    @Column(name = "hash")
    private String hash;

    @Column(name = "rev")
    private long rev;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "revoked_at")
    private @Nullable Instant revokedAt;

    /** For Hibernate. */
    protected Passkey() {}

    Passkey(UUID tenant, String name, PasskeyHash hash, long rev, Instant createdAt) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.name = name;
        this.hash = hash.toString();
        this.rev = rev;
        this.createdAt = createdAt;
    }

    /** From now on it admits nothing. */
    void revoke(long nextRev, Instant now) {
        rev = nextRev;
        revokedAt = now;
    }

    /** Identifies the passkey, and the user who holds it. */
    public UUID id() {
        return id;
    }

    public UUID tenant() {
        return tenant;
    }

    public String name() {
        return name;
    }

    public PasskeyHash hash() {
        return PasskeyHash.parse(hash);
    }

    public long rev() {
        return rev;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public boolean isRevoked() {
        return revokedAt != null;
    }
}
