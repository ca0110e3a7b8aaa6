package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An isolated customer. Every resource of a tenant carries its id, and no other tenant can learn that it exists; only tenants of one
 * {@link Pool} can infer from one another's content that it is there.
 */
@Entity
@Table(name = "tenant")
public class Tenant {
    @Id
    private UUID id;

    @Column(name = "name")
    private String name;

    @Column(name = "state")
    @Enumerated(EnumType.STRING)
    private TenantState state;

    @Column(name = "pool_id")
    private @Nullable UUID pool;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected Tenant() {}

    Tenant(UUID id, String name, Instant createdAt) {
        this.id = id;
        this.name = name;
        this.state = TenantState.ACTIVE;
        this.createdAt = createdAt;
    }

    public UUID id() {
        return id;
    }

    public String name() {
        return name;
    }

    public TenantState state() {
        return state;
    }

    void become(TenantState next) {
        state = next;
    }

    /** Returns the pool in which the tenant is; null if it is in none. */
    public @Nullable UUID pool() {
        return pool;
    }

    void enter(@Nullable UUID next) {
        pool = next;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
