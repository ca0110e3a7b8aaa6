package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A session of an API key: a token that stands for the key for a limited time and ends with it. Only the token's SHA-256 is stored.
 */
@Entity
@Table(name = "api_session")
public class ApiSession {
    /** A session that is not used for so long ends. */
    public static final Duration IDLE = Duration.ofHours(12);

    /** A session ends after so long even if it is used. */
    public static final Duration LIFETIME = Duration.ofDays(30);

    @Id
    private UUID id;

    @Column(name = "key_id")
    private UUID key;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "hash")
    private byte[] hash;

    @Column(name = "created_at")
    private Instant createdAt;

    // Written by Uses, and only read here.
    @Column(name = "last_used_at", updatable = false)
    private Instant lastUsedAt;

    @Column(name = "ends_at")
    private Instant endsAt;

    /** For Hibernate. */
    protected ApiSession() {}

    ApiSession(ApiKey key, byte[] hash, Instant createdAt) {
        this.id = UUID.randomUUID();
        this.key = key.id();
        this.tenant = key.tenant();
        this.hash = hash.clone();
        this.createdAt = createdAt;
        this.lastUsedAt = createdAt;
        this.endsAt = earlier(createdAt.plus(LIFETIME), key.expiresAt());
    }

    public UUID id() {
        return id;
    }

    /** Returns the key that the session stands for. */
    public UUID key() {
        return key;
    }

    public UUID tenant() {
        return tenant;
    }

    public Instant createdAt() {
        return createdAt;
    }

    /** Returns when the session was last used, to the minute. */
    public Instant lastUsedAt() {
        return lastUsedAt;
    }

    /** Returns when the session ends even if it is used: with its key at the latest. */
    Instant endsAt() {
        return endsAt;
    }

    /** Returns when the session ends if it is not used again. */
    public Instant expiresAt() {
        return earlier(endsAt, lastUsedAt.plus(IDLE));
    }

    private static Instant earlier(Instant one, @Nullable Instant other) {
        return other != null && other.isBefore(one) ? other : one;
    }
}
